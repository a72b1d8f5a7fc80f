//! As many rows as a large city has residents, read from a source that holds one at a time.

use std::io::{Cursor, Read};

use cloud_api::core_system::CoreSystem as _;
use cloud_api::core_system::import::{Format, Kind};

use crate::imported::{HEADING, core, import, row, town};

/// `GENKAN_REGISTER_ROWS` says how many; a million take a few minutes.
#[tokio::test(flavor = "multi_thread")]
async fn many_rows_go_through() {
    let rows: u32 = std::env::var("GENKAN_REGISTER_ROWS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(3_000);
    let town = town().await;

    struct Rows {
        next: u32,
        last: u32,
        text: Cursor<Vec<u8>>,
    }
    impl Read for Rows {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            loop {
                let read = self.text.read(buffer)?;
                if read > 0 || self.next > self.last {
                    return Ok(read);
                }
                self.text = Cursor::new(row(self.next, "見本　花子").into_bytes());
                self.next += 1;
            }
        }
    }
    let source = Rows {
        next: 1,
        last: rows,
        text: Cursor::new(HEADING.as_bytes().to_vec()),
    };
    let mut told = 0;
    let import = import(&town, Kind::Full, Format::Csv);
    let report = import
        .run(&town.cloud.store, source, |rows| told = rows)
        .await;
    assert_eq!(report.unwrap().accepted, u64::from(rows));
    assert_eq!(told, u64::from(rows));
    let last = core(&town).household(&format!("H{rows}")).await.unwrap();
    assert_eq!(last.unwrap().persons.len(), 1);
}
