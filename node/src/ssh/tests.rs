use std::net::Ipv4Addr;

use tokio::{
    io::AsyncReadExt,
    net::TcpSocket,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::Duration,
};

use super::{
    limits::{MAX_STRANGERS, MAX_STRANGERS_OF_ONE},
    *,
};

/// A listener on loopback, and what it took.
async fn listening() -> (
    std::net::SocketAddr,
    UnboundedReceiver<(TcpStream, Stranger)>,
    CancellationToken,
) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let at = listener.local_addr().unwrap();
    let (stop, (took, taken)) = (CancellationToken::new(), unbounded_channel());
    let until = stop.clone();
    tokio::spawn(async move {
        listen(&listener, &until, |socket, stranger| {
            took.send((socket, stranger)).unwrap();
        })
        .await;
    });
    (at, taken, stop)
}

/// A connection from one of the addresses of loopback.
async fn from(host: u8, to: std::net::SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket
        .bind((Ipv4Addr::new(127, 0, 1, host), 0).into())
        .unwrap();
    socket.connect(to).await.unwrap()
}

#[tokio::test]
async fn a_crowd_from_many_addresses_leaves_room_for_one_who_comes_alone() {
    let (at, mut taken, stop) = listening().await;
    let (mut clients, mut inside) = (Vec::new(), Vec::new());
    let crowds = MAX_STRANGERS / MAX_STRANGERS_OF_ONE;
    for host in 1..=crowds as u8 {
        for _ in 0..MAX_STRANGERS_OF_ONE {
            clients.push(from(host, at).await);
            inside.push(taken.recv().await.unwrap());
        }
    }
    // One more of the same address is closed at once.
    let mut more = from(1, at).await;
    assert_eq!(more.read(&mut [0; 8]).await.unwrap_or(0), 0);
    // One of another address comes in, and the oldest of a crowd makes room.
    let _alone = from(99, at).await;
    let alone = tokio::time::timeout(Duration::from_secs(5), taken.recv());
    let alone = alone.await.unwrap().unwrap();
    inside[0].1.sent_away().await;
    assert!(clients.len() == MAX_STRANGERS);
    // Who is in, or gone, is no stranger any more.
    drop((inside, alone));
    let _back = from(1, at).await;
    assert!(taken.recv().await.is_some());
    stop.cancel();
}
