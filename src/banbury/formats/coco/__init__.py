"""COCO: images with boxes, outlines and key points.

Source: https://cocodataset.org/#format-data. Boxes are (x, y, width, height) in pixels from the
upper left corner; outlines are flat lists x1, y1, x2, y2, ...; key points are triples (x, y,
visibility), in the order of their category's names.
"""

from banbury.formats.coco.coco import CocoAnnotation, CocoCategory, CocoFile, CocoImage, read_coco

__all__ = ["CocoAnnotation", "CocoCategory", "CocoFile", "CocoImage", "read_coco"]
