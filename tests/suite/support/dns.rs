//! A small DNS server over UDP: it answers questions for TXT and A with what a test has written down.

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};

const A: u16 = 1;
const TXT: u16 = 16;

/// The server; its thread ends with the tests.
pub struct DnsServer {
    pub address: SocketAddr,
    records: Arc<Mutex<BTreeMap<String, Vec<Record>>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

#[derive(Clone)]
enum Record {
    Txt(String),
    Address([u8; 4]),
}

impl DnsServer {
    pub fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let server = Self { address: socket.local_addr().unwrap(), records: Arc::default(), asked: Arc::default() };
        let (records, asked) = (Arc::clone(&server.records), Arc::clone(&server.asked));
        std::thread::spawn(move || {
            let mut buffer = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                let (name, kind, end) = question(&buffer[..length]);
                asked.lock().unwrap().push(name.clone());
                let found = records.lock().unwrap().get(&name).cloned();
                let answer = answer(&buffer[..end], kind, found.as_deref());
                socket.send_to(&answer, from).unwrap();
            }
        });
        server
    }

    pub fn txt(self, name: &str, text: &str) -> Self {
        self.put(name, Record::Txt(text.to_owned()))
    }

    pub fn address_of(self, name: &str) -> Self {
        self.put(name, Record::Address([192, 0, 2, 1]))
    }

    fn put(self, name: &str, record: Record) -> Self {
        self.records.lock().unwrap().entry(name.to_owned()).or_default().push(record);
        self
    }

    /// The names that were asked for.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// The name, the type, and where the question ends.
fn question(packet: &[u8]) -> (String, u16, usize) {
    let (mut at, mut labels) = (12, Vec::new());
    while packet[at] != 0 {
        let length = usize::from(packet[at]);
        labels.push(String::from_utf8(packet[at + 1..=at + length].to_vec()).unwrap().to_lowercase());
        at += length + 1;
    }
    (labels.join("."), u16::from_be_bytes([packet[at + 1], packet[at + 2]]), at + 5)
}

/// The header and the question again, and the records of that type; a name that nobody has written down is not there.
fn answer(question: &[u8], kind: u16, found: Option<&[Record]>) -> Vec<u8> {
    let data = |record: &Record| match record {
        Record::Txt(text) if kind == TXT => {
            Some(text.as_bytes().chunks(255).flat_map(|part| [&[part.len() as u8][..], part].concat()).collect::<Vec<u8>>())
        }
        Record::Address(address) if kind == A => Some(address.to_vec()),
        _ => None,
    };
    let answers: Vec<Vec<u8>> = found.unwrap_or_default().iter().filter_map(data).collect();
    let mut packet = question.to_vec();
    packet[2..4].copy_from_slice(&[0x81, if found.is_none() { 0x83 } else { 0x80 }]);
    packet[4..12].copy_from_slice(&[0, 1, 0, answers.len() as u8, 0, 0, 0, 0]);
    for data in answers {
        packet.extend([0xc0, 12]);
        packet.extend(kind.to_be_bytes());
        packet.extend([0, 1, 0, 0, 0, 60]);
        packet.extend((data.len() as u16).to_be_bytes());
        packet.extend(data);
    }
    packet
}
