//! Texts that cost time: they hold up one another, and nothing else.

use std::sync::mpsc;

use futures::FutureExt;

use super::{
    super::making::{MAX_MADE, MAX_OF_ONE},
    *,
};

/// Takes so many places where texts on the pages of an institution are rendered, until the senders are dropped.
async fn take(web: &Served, owner: &str, places: usize) -> Vec<mpsc::Sender<()>> {
    let mut all = Vec::new();
    for _ in 0..places {
        let (free, held) = mpsc::channel::<()>();
        let (begun, begins) = tokio::sync::oneshot::channel();
        let (web, owner) = (web.web.clone(), sample::handle(owner));
        tokio::spawn(async move {
            web.make(&owner, move || {
                begun.send(()).unwrap();
                let _ = held.recv();
            })
            .await
        });
        begins.await.unwrap();
        all.push(free);
    }
    all
}

/// What is answered while the clock runs twenty times as fast.
async fn later(web: &Served, path: &str) -> Answer {
    let wait = async {
        loop {
            tokio::time::advance(Duration::from_millis(100)).await;
            // For the threads that may block.
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    tokio::select! {
        answer = web.page(path) => answer,
        () = wait => unreachable!("a loop"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_text_that_takes_its_time_holds_up_no_other_page() {
    let web = Served::new();
    let others = take(&web, "univ-b", MAX_OF_ONE).await;
    let page = web.page("/univ-a/cours?file=chapitres%2Fun.md").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("Premier chapitre"));

    let last = take(&web, "univ-a", 1).await;
    for path in [
        "/",
        "/search?q=cours",
        "/univ-a",
        "/status",
        "/api/v1/items/univ-a/cours",
    ] {
        assert_eq!(web.page(path).await.status, StatusCode::OK, "{path}");
    }
    // The page of an item is there without its preview, and says so.
    let page = later(&web, "/univ-a/cours?file=chapitres%2Fun.md").await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    assert!(text.contains("Équations différentielles") && text.contains("chapitres/un.md"));
    assert!(!text.contains("Premier chapitre"));
    assert!(text.contains("trop de fichiers à la fois"), "{text}");
    // A picture needs no rendering.
    let picture = web.page("/univ-a/cours?file=fig.png").await;
    assert!(!picture.text().contains("trop de fichiers à la fois"));

    drop(last);
    let page = web.page("/univ-a/cours?file=chapitres%2Fun.md").await;
    assert!(page.text().contains("Premier chapitre"));
    drop(others);
}

#[tokio::test(start_paused = true)]
async fn the_texts_of_one_institution_hold_up_only_its_own() {
    let web = Served::new();
    let slow = take(&web, "univ-a", MAX_OF_ONE).await;
    let page = later(&web, "/univ-a/cours?file=chapitres%2Fun.md").await;
    assert!(page.text().contains("trop de fichiers à la fois"));
    let other = sample::handle("univ-b");
    assert!(matches!(web.web.make(&other, || 7).await, Ok(7)));
    // Those that wait for their own take no place of the others'.
    let owner = sample::handle("univ-a");
    let waiting = web.web.make(&owner, || ());
    tokio::pin!(waiting);
    assert!(waiting.as_mut().now_or_never().is_none());
    assert!(matches!(web.web.make(&other, || 7).await, Ok(7)));
    drop(slow);
    assert!(waiting.await.is_ok());
    let page = web.page("/univ-a/cours?file=chapitres%2Fun.md").await;
    assert!(page.text().contains("Premier chapitre"));
}

#[tokio::test]
async fn readers_who_leave_make_no_room_for_more() {
    let web = Served::new();
    let mut all = take(&web, "univ-b", MAX_OF_ONE).await;
    all.extend(take(&web, "univ-c", MAX_MADE - MAX_OF_ONE).await);
    let owner = sample::handle("univ-a");
    let (free, held) = mpsc::channel::<()>();
    // One more waits, and leaves.
    let waiting = web.web.make(&owner, move || held.recv());
    assert!(waiting.now_or_never().is_none(), "there is no room");
    drop(free);
    drop(all);
    let (free, held) = mpsc::channel::<()>();
    let (begun, begins) = tokio::sync::oneshot::channel();
    let work = web.web.make(&owner, move || {
        let _ = begun.send(());
        let _ = held.recv();
    });
    tokio::select! {
        _ = work => unreachable!("it is held"),
        begun = begins => begun.unwrap(),
    }
    // Its reader has left, and it works on: its place is not free.
    assert!(web.web.0.making.free() < MAX_MADE);
    drop(free);
    while web.web.0.making.free() < MAX_MADE {
        tokio::task::yield_now().await;
    }
}
