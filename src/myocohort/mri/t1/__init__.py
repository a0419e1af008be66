"""Fat fraction from T1: noise, evidence, receive field, anchors, and the muscle-to-fat ratio."""
