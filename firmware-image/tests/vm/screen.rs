//! A picture of the screen.

use std::fs::File;
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
