//! So many requests at a time to one host, whoever asks.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, PoisonError};

use reqwest::Url;

/// How many requests one host gets at a time.
const AT_A_TIME: usize = 4;

#[derive(Debug, Default)]
pub(super) struct Hosts {
    busy: Mutex<BTreeMap<String, usize>>,
    freed: Condvar,
}

/// One of the requests that a host gets at a time; it ends with this.
pub(super) struct Turn<'hosts> {
    hosts: &'hosts Hosts,
    host: String,
}

impl Hosts {
    /// Waits until the host of an address has a request free.
    pub(super) fn turn(&self, address: &Url) -> Turn<'_> {
        let host = address.host_str().unwrap_or_default().to_owned();
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        while busy.get(&host).is_some_and(|count| *count >= AT_A_TIME) {
            busy = self.freed.wait(busy).unwrap_or_else(PoisonError::into_inner);
        }
        *busy.entry(host.clone()).or_default() += 1;
        Turn { hosts: self, host }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut busy = self.hosts.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = busy.get_mut(&self.host) {
            *count -= 1;
        }
        self.hosts.freed.notify_all();
    }
}
