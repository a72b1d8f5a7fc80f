//! The service as kiosks, clerks and operators meet it. One binary: linking it once is slow enough.
#![allow(clippy::unwrap_used)]

mod administration;
mod card;
mod clients;
mod console;
mod core_command;
mod core_contract;
mod core_http;
mod device_api;
mod ending;
mod guarded;
mod guidance;
mod hand_off;
mod import_rows;
mod imported;
mod inbox;
mod interview;
mod kept_editions;
mod links;
mod log_in;
mod login;
mod many_rows;
mod mutual_tls;
mod operations;
mod people;
mod postgres;
mod pull;
mod queues;
mod register;
mod robots;
mod settings;
mod signing;
mod store;
mod town;
mod trail;
mod webhooks;
