//! The other end of the guest's network cable: it gives the guest an address and knocks at its ports, frame by frame. Nothing of
//! this machine's own network is involved: no rights are needed, and nothing stands in between that could answer for the guest.

use std::collections::BTreeSet;
use std::net::Shutdown;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use etherparse::{
    ArpHardwareId, ArpOperation, ArpPacket, ArpPacketSlice, EtherType, Icmpv4Type, NetSlice,
    PacketBuilder, SlicedPacket, TransportSlice, icmpv4,
};

type Mac = [u8; 6];
type Address = [u8; 4];

const US: Mac = [0x52, 0x54, 0, 0, 0, 1];
const EVERYBODY: Mac = [0xFF; 6];
/// Addresses for documentation (RFC 5737).
const GATEWAY: Address = [192, 0, 2, 1];
const GUEST: Address = [192, 0, 2, 2];
/// DHCP's ports.
const SERVER: u16 = 67;
const CLIENT: u16 = 68;
/// How often a port that keeps quiet is asked while another one answers.
const ROUNDS: u8 = 3;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_millis(800);
/// How long a whole scan may take.
const SCAN: Duration = Duration::from_secs(3_600);

/// What came over the cable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Heard {
    Leased(Mac),
    Tcp { port: u16, open: bool },
    Udp { port: u16, open: bool },
}

/// What a scan found.
#[derive(PartialEq, Eq, Debug)]
pub struct Ports {
    pub open: BTreeSet<u16>,
    /// Said nothing at all.
    pub silent: BTreeSet<u16>,
}

pub struct Wire {
    socket: UnixDatagram,
    guest: PathBuf,
    heard: Receiver<Heard>,
}

impl Wire {
    pub fn lay(folder: &Path) -> Self {
        let (here, guest) = (folder.join("wire-here"), folder.join("wire-guest"));
        let socket = UnixDatagram::bind(&here).unwrap();
        let (say, heard) = channel();
        let (own, to) = (socket.try_clone().unwrap(), guest.clone());
        std::thread::spawn(move || answer(&own, &to, &say));
        Self {
            socket,
            guest,
            heard,
        }
    }

    /// QEMU's `-netdev`.
    pub fn network(&self) -> String {
        let here = self.guest.with_file_name("wire-here");
        format!(
            "dgram,id=lan,local.type=unix,local.path={},remote.type=unix,remote.path={}",
            self.guest.display(),
            here.display()
        )
    }

    /// Waits until the guest has its address.
    pub fn guest(&self, seconds: u64) -> Mac {
        let end = Instant::now() + Duration::from_secs(seconds);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.heard.recv_timeout(left) {
                Ok(Heard::Leased(guest)) => return guest,
                Ok(_) => {}
                Err(_) => panic!("the guest asked for no address within {seconds} s"),
            }
        }
    }

    /// Every TCP port.
    pub fn tcp(&self, guest: Mac) -> Ports {
        let knock = |nth: u32, port: u16| {
            let packet = PacketBuilder::ethernet2(US, guest).ipv4(GATEWAY, GUEST, 64);
            let [.., high, low] = nth.to_be_bytes();
            let own = 40_000 | u16::from_be_bytes([high, low]);
            let packet = packet.tcp(own, port, 1, 1024).syn();
            let mut frame = Vec::new();
            packet.write(&mut frame, &[]).unwrap();
            frame
        };
        self.scan((512, Duration::ZERO), knock, |heard| match heard {
            Heard::Tcp { port, open } => Some((port, open)),
            _ => None,
        })
    }

    /// Every UDP port. A kernel tells one stranger about closed ports but once a second, and all of them a thousand times: each
    /// knock comes from another one, and they come in step.
    pub fn udp(&self, guest: Mac) -> Ports {
        let knock = |nth: u32, port: u16| {
            let [_, a, b, c] = nth.to_be_bytes();
            let packet = PacketBuilder::ethernet2(US, guest).ipv4([10, a, b, c], GUEST, 64);
            let mut frame = Vec::new();
            packet.udp(40_000, port).write(&mut frame, &[]).unwrap();
            frame
        };
        let step = Duration::from_millis(45);
        self.scan((40, step), knock, |heard| match heard {
            Heard::Udp { port, open } => Some((port, open)),
            _ => None,
        })
    }

    /// Knocks at so many ports in a step of at least so long, and again at those that said nothing, until they have kept quiet while a port that
    /// answered before did so again: a guest that gets no processor for some seconds has no quiet ports for that.
    fn scan(
        &self,
        (at_once, step): (usize, Duration),
        knock: impl Fn(u32, u16) -> Vec<u8>,
        answered: impl Fn(Heard) -> Option<(u16, bool)>,
    ) -> Ports {
        let mut found = Ports {
            open: BTreeSet::new(),
            silent: (1..=u16::MAX).collect(),
        };
        let (mut nth, mut rounds, end) = (0, 0, Instant::now() + SCAN);
        while rounds < ROUNDS {
            assert!(Instant::now() < end, "still {} silent", found.silent.len());
            let todo: Vec<u16> = found.silent.iter().copied().collect();
            let mut awake = true;
            for ports in todo.chunks(at_once) {
                let witness = (1..=u16::MAX).find(|port| !found.silent.contains(port));
                for port in ports.iter().copied().chain(witness) {
                    nth += 1;
                    self.socket.send_to(&knock(nth, port), &self.guest).unwrap();
                }
                let least = Instant::now() + step;
                awake &= self.listen(&mut found, (ports, witness), least, &answered);
            }
            let news = found.silent.len() < todo.len();
            rounds = if awake && !news { rounds + 1 } else { 0 };
        }
        found
    }

    /// Notes who answers, until all have (but not before `least`) or patience ends; whether the witness did.
    fn listen(
        &self,
        found: &mut Ports,
        (ports, witness): (&[u16], Option<u16>),
        least: Instant,
        answered: impl Fn(Heard) -> Option<(u16, bool)>,
    ) -> bool {
        let (mut awake, end) = (witness.is_none(), Instant::now() + PATIENCE);
        loop {
            let all = awake && !ports.iter().any(|port| found.silent.contains(port));
            let until = if all { least } else { end };
            let left = until.saturating_duration_since(Instant::now());
            let Ok(heard) = self.heard.recv_timeout(left) else {
                return awake;
            };
            let Some((port, open)) = answered(heard) else {
                continue;
            };
            awake |= witness == Some(port);
            found.silent.remove(&port);
            if open {
                found.open.insert(port);
            }
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

/// Answers what a network answers, tells the rest.
fn answer(socket: &UnixDatagram, guest: &Path, say: &Sender<Heard>) {
    let mut frame = [0; 2048];
    while let Ok(length @ 1..) = socket.recv(&mut frame) {
        let Ok(packet) = SlicedPacket::from_ethernet(&frame[..length]) else {
            continue;
        };
        let (reply, heard) = match (&packet.net, &packet.transport) {
            (Some(NetSlice::Arp(arp)), _) => (whereabouts(arp), None),
            (_, Some(TransportSlice::Udp(udp))) if udp.destination_port() == SERVER => {
                lease(udp.payload())
            }
            (_, Some(transport)) => (None, heard_from(transport)),
            _ => (None, None),
        };
        if let Some(reply) = reply {
            let _ = socket.send_to(&reply, guest);
        }
        if heard.is_some_and(|heard| say.send(heard).is_err()) {
            break;
        }
    }
}

/// What an answer of the guest says about one of its ports.
fn heard_from(transport: &TransportSlice<'_>) -> Option<Heard> {
    match transport {
        TransportSlice::Tcp(tcp) if tcp.rst() || (tcp.syn() && tcp.ack()) => Some(Heard::Tcp {
            port: tcp.source_port(),
            open: !tcp.rst(),
        }),
        TransportSlice::Udp(udp) if udp.destination_port() == 40_000 => Some(Heard::Udp {
            port: udp.source_port(),
            open: true,
        }),
        TransportSlice::Icmpv4(icmp)
            if icmp.icmp_type()
                == Icmpv4Type::DestinationUnreachable(icmpv4::DestUnreachableHeader::Port) =>
        {
            // The head of what was refused: 20 bytes of IPv4, then UDP with its destination port second.
            let port = icmp.payload().get(22..24)?;
            Some(Heard::Udp {
                port: u16::from_be_bytes([port[0], port[1]]),
                open: false,
            })
        }
        _ => None,
    }
}

/// Every address but the guest's own is ours.
fn whereabouts(arp: &ArpPacketSlice<'_>) -> Option<Vec<u8>> {
    let asked = arp.target_protocol_addr();
    if arp.operation() != ArpOperation::REQUEST || asked == GUEST {
        return None;
    }
    let asker: Mac = arp.sender_hw_addr().try_into().ok()?;
    let reply = ArpPacket::new(
        ArpHardwareId::ETHERNET,
        EtherType::IPV4,
        ArpOperation::REPLY,
        &US,
        asked,
        &asker,
        arp.sender_protocol_addr(),
    );
    let mut frame = Vec::new();
    PacketBuilder::ethernet2(US, asker)
        .arp(reply.ok()?)
        .write(&mut frame)
        .ok()?;
    Some(frame)
}

/// DHCP (RFC 2131): an offer to who discovers, an acknowledgement to who requests.
fn lease(question: &[u8]) -> (Option<Vec<u8>>, Option<Heard>) {
    let Some(kind) = option(question, 53).and_then(|kind| kind.first().copied()) else {
        return (None, None);
    };
    let guest: Mac = question[28..34].try_into().unwrap();
    let mut message = question[..240].to_vec();
    message[0] = 2;
    message[16..20].copy_from_slice(&GUEST);
    message[20..24].copy_from_slice(&GATEWAY);
    message.extend([53, 1, if kind == 1 { 2 } else { 5 }]);
    message.extend([54, 4].into_iter().chain(GATEWAY));
    message.extend([51, 4].into_iter().chain(86_400_u32.to_be_bytes()));
    message.extend([1, 4, 255, 255, 255, 0]);
    message.extend([3, 4].into_iter().chain(GATEWAY));
    message.push(255);
    let mut frame = Vec::new();
    PacketBuilder::ethernet2(US, EVERYBODY)
        .ipv4(GATEWAY, [255; 4], 64)
        .udp(SERVER, CLIENT)
        .write(&mut frame, &message)
        .unwrap();
    (Some(frame), (kind == 3).then_some(Heard::Leased(guest)))
}

/// An option of a DHCP message.
fn option(message: &[u8], number: u8) -> Option<&[u8]> {
    let mut rest = message.get(240..)?;
    loop {
        match *rest {
            [0, ..] => rest = &rest[1..],
            [code, length, ..] => {
                let value = rest.get(2..2 + usize::from(length))?;
                if code == number {
                    return Some(value);
                }
                rest = &rest[2 + usize::from(length)..];
            }
            _ => return None,
        }
    }
}
