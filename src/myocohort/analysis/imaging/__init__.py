"""MRI over time, and muscle by muscle."""
