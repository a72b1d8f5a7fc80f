//! The cloud service: device API, guidance, applications, core-system facts, a plain console.
