//! A picture of the screen.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

pub struct Screen {
    pub file: PathBuf,
    pub size: (u32, u32),
    /// Three bytes a dot.
    dots: Vec<u8>,
}

impl Screen {
    pub fn read(file: &Path) -> Self {
        if file.extension().is_some_and(|ending| ending == "ppm") {
            return Self::raw(file);
        }
        let mut reader = png::Decoder::new(BufReader::new(File::open(file).unwrap()))
            .read_info()
            .unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        let step = info.color_type.samples();
        let dots = bytes
            .chunks_exact(step)
            .flat_map(|dot| [dot[0], dot[1], dot[2]])
            .collect();
        Self {
            file: file.to_owned(),
            size: (info.width, info.height),
            dots,
        }
    }

    /// QEMU's own: `P6`, width and height, 255, then three bytes a dot.
    fn raw(file: &Path) -> Self {
        let bytes = fs::read(file).unwrap();
        let mut lines = bytes.splitn(4, |byte| *byte == b'\n').skip(1);
        let size = String::from_utf8(lines.next().unwrap().to_vec()).unwrap();
        let (width, height) = size.split_once(' ').unwrap();
        Self {
            file: file.to_owned(),
            size: (width.parse().unwrap(), height.parse().unwrap()),
            dots: lines.nth(1).unwrap().to_vec(),
        }
    }

    /// Part of the dots that differ visibly, 0 to 1; all of them when the sizes differ.
    pub fn differs(&self, other: &Self) -> f64 {
        if self.size != other.size {
            return 1.0;
        }
        let pairs = self.dots.chunks_exact(3).zip(other.dots.chunks_exact(3));
        let apart = pairs
            .filter(|(one, two)| one.iter().zip(*two).any(|(a, b)| a.abs_diff(*b) > 24))
            .count();
        apart as f64 / (self.dots.len() / 3) as f64
    }
}
