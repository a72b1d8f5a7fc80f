//! What gets printed: forms as PDF and page image (Typst), receipts as 1-bit rasters (embedded-graphics).
