"""The sample's illustrations: one canvas, one palette, and the scenes drawn with them."""
