//! The touchscreen: draws a session Screen with Slint and returns Touches; decides nothing.
