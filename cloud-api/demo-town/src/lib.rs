//! The demo town (団体コード 990019): its residents, cards, keys, and the core system that a municipality's adapter would offer.
