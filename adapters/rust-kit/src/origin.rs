//! Where a deployment listens.

use std::net::Ipv4Addr;

use tokio::net::TcpListener;

use crate::frame::Instead;

/// A port on loopback that the system chose: taken first, since an implementation wants to know its own address.
#[derive(Debug)]
pub struct Origin {
    pub listener: TcpListener,
    /// `http://127.0.0.1:41234`
    pub url: String,
}

impl Origin {
    pub async fn bind() -> Result<Self, Instead> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(Instead::failure)?;
        let port = listener.local_addr().map_err(Instead::failure)?.port();
        Ok(Self { listener, url: format!("http://127.0.0.1:{port}") })
    }
}
