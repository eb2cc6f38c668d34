//! A client whose connections come from an address of its own: the machine has 127.0.0.0/8, and whoever is connected to sees
//! them as different clients. It claims to be somebody else in each request, as whoever wants to get around a limit would.

use doorward_testkit::http::{self, At};
use socket2::{Domain, Socket, Type};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU8, Ordering};
use ureq::middleware::MiddlewareNext;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};
use ureq::{Body, Error, SendBody};

/// A client at 127.0.0.`last` whose connections all go to this port.
pub(crate) fn agent(last: u8, port: u16) -> ureq::Agent {
    let config = http::config().middleware(claim).build();
    ureq::Agent::with_parts(config, From(Ipv4Addr::new(127, 0, 0, last)), At(port))
}

/// Another address each time, in every header that somebody might believe.
fn claim(
    mut request: ureq::http::Request<SendBody<'_>>,
    next: MiddlewareNext<'_>,
) -> Result<ureq::http::Response<Body>, Error> {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    let address = format!("198.51.100.{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let headers = request.headers_mut();
    for (name, value) in [
        ("x-forwarded-for", address.clone()),
        ("x_forwarded_for", address.clone()),
        ("x-real-ip", address.clone()),
        ("forwarded", format!("for={address}")),
        ("true-client-ip", address.clone()),
    ] {
        headers.insert(name, value.parse().expect("an address is a header's value"));
    }
    next.handle(request)
}

#[derive(Debug)]
struct From(Ipv4Addr);

impl Connector for From {
    type Out = Bound;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Bound>, Error> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&SocketAddr::new(IpAddr::V4(self.0), 0).into())?;
        socket.connect(&details.addrs[0].into())?;
        let buffers =
            LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(Bound { stream: socket.into(), buffers }))
    }
}

#[derive(Debug)]
struct Bound {
    stream: TcpStream,
    buffers: LazyBuffers,
}

impl Transport for Bound {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        let output = &self.buffers.output()[..amount];
        Ok(self.stream.write_all(output)?)
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    /// A connection for each request.
    fn is_open(&mut self) -> bool {
        false
    }
}
