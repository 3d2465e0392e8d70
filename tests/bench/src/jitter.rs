//! A network between client and platform that delays what the client sends, each piece by another
//! time.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Starts it; returns the address that leads to the platform's.
pub(crate) async fn before(platform: SocketAddr, most: Duration) -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            tokio::spawn(connect(near, platform, most));
        }
    });
    Ok(address)
}

async fn connect(near: TcpStream, platform: SocketAddr, most: Duration) -> Result<()> {
    let far = TcpStream::connect(platform).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (from_near, mut to_near) = near.into_split();
    let (mut from_far, to_far) = far.into_split();
    tokio::spawn(delay(from_near, to_far, most));
    tokio::io::copy(&mut from_far, &mut to_near).await?;
    Ok(())
}

async fn delay(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, most: Duration) -> Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        tokio::time::sleep(most.mul_f64(random())).await;
        to.write_all(&buffer[..length]).await?;
    }
}

/// Between 0 and 1.
fn random() -> f64 {
    let number = RandomState::new().hash_one(0_u8);
    f64::from(u32::try_from(number >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}
