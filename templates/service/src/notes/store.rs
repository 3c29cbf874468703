//! The database, asked by one thread of its own: SQLite blocks, and writes one thing at a time anyway.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread;
use std::time::Duration;

use durable_macros::durable;
use rusqlite::{Connection, OptionalExtension, Row};
use tokio::sync::{mpsc, oneshot};

use super::{Note, Text};
use crate::error::{Error, Failure};

/// Questions that wait for the thread; one more is answered with 503.
const WAITING: usize = 64;
/// For another program that holds the file, such as a backup.
const LOCKED: Duration = Duration::from_secs(2);

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA trusted_schema = OFF;
    CREATE TABLE IF NOT EXISTS notes (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        text TEXT NOT NULL
    ) STRICT;
";

type Question = Box<dyn FnOnce(&Connection) + Send>;

#[derive(Clone, Debug)]
pub(crate) struct Store(mpsc::Sender<Question>);

impl Store {
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let database = |source| Failure::Database {
            path: path.into(),
            source,
        };
        let connection = Connection::open(path).map_err(database)?;
        connection.busy_timeout(LOCKED).map_err(database)?;
        connection.execute_batch(SCHEMA).map_err(database)?;
        let (questions, mut asked) = mpsc::channel::<Question>(WAITING);
        let answer_all = move || {
            while let Some(question) = asked.blocking_recv() {
                // Who asked is told by the answer that does not come; the next is answered all the same.
                let _ = catch_unwind(AssertUnwindSafe(|| question(&connection)));
            }
        };
        thread::Builder::new()
            .name("database".into())
            .spawn(answer_all)
            .map_err(Failure::Thread)?;
        Ok(Self(questions))
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        let question = Box::new(move |connection: &Connection| {
            // Nobody waits any more for what timed out.
            if !reply.is_closed() {
                let _ = reply.send(question(connection));
            }
        });
        self.0.try_send(question).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Error::Busy,
            mpsc::error::TrySendError::Closed(_) => Error::StoreGone,
        })?;
        Ok(answer.await.map_err(|_| Error::StoreGone)??)
    }

    pub(crate) async fn is_there(&self) -> Result<(), Error> {
        self.ask(|db| db.query_row("SELECT 1 FROM notes UNION SELECT 1", [], |_| Ok(())))
            .await
    }

    /// Text of others reaches SQL as a value and never as SQL.
    #[durable(
        owner = "acme-team",
        guard = "notes::store::tests::text_that_looks_like_sql_is_text"
    )]
    pub(super) async fn create(&self, text: Text) -> Result<Note, Error> {
        let sql = "INSERT INTO notes (text) VALUES (?1) RETURNING id, text";
        self.ask(move |db| db.query_row(sql, [text.into_string()], note))
            .await
    }

    pub(super) async fn read(&self, id: i64) -> Result<Option<Note>, Error> {
        let sql = "SELECT id, text FROM notes WHERE id = ?1";
        self.ask(move |db| db.query_row(sql, [id], note).optional())
            .await
    }

    pub(super) async fn list(&self, after: i64, limit: u8) -> Result<Vec<Note>, Error> {
        let sql = "SELECT id, text FROM notes WHERE id > ?1 ORDER BY id LIMIT ?2";
        self.ask(move |db| {
            let mut listed = db.prepare_cached(sql)?;
            listed.query_map((after, limit), note)?.collect()
        })
        .await
    }

    pub(super) async fn delete(&self, id: i64) -> Result<bool, Error> {
        let sql = "DELETE FROM notes WHERE id = ?1";
        let deleted = self.ask(move |db| db.execute(sql, [id])).await?;
        Ok(deleted > 0)
    }
}

fn note(row: &Row<'_>) -> rusqlite::Result<Note> {
    Ok(Note {
        id: row.get(0)?,
        text: row.get(1)?,
    })
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn store() -> Store {
        Store::open(Path::new(":memory:")).unwrap()
    }

    #[tokio::test]
    async fn text_that_looks_like_sql_is_text() {
        let store = store();
        let text = "'); DROP TABLE notes; --";
        let made = store
            .create(Text::parse(text.into()).unwrap())
            .await
            .unwrap();
        assert_eq!(made.text, text);
        assert_eq!(store.read(made.id).await.unwrap(), Some(made));
    }

    #[tokio::test]
    async fn pages_follow_each_other() {
        let store = store();
        for text in ["a", "b", "c"] {
            let text = Text::parse(text.into()).unwrap();
            store.create(text).await.unwrap();
        }
        let ids = async |after, limit| -> Vec<i64> {
            let notes = store.list(after, limit).await.unwrap();
            notes.iter().map(|note| note.id).collect()
        };
        assert_eq!(ids(0, 2).await, [1, 2]);
        assert_eq!(ids(2, 2).await, [3]);
        assert!(store.delete(3).await.unwrap());
        assert!(!store.delete(3).await.unwrap());
        assert!(ids(2, 2).await.is_empty());
    }

    #[tokio::test]
    async fn a_panic_leaves_the_thread_to_the_others() {
        let store = store();
        let broken = store.ask(|_| -> rusqlite::Result<()> { panic!("broken") });
        assert!(matches!(broken.await, Err(Error::StoreGone)));
        store.is_there().await.unwrap();
    }

    #[tokio::test]
    async fn what_waits_is_bounded() {
        let store = store();
        let (begun, begin) = oneshot::channel();
        let (go, wait) = std::sync::mpsc::sync_channel(0);
        let busy = store.clone();
        let first = tokio::spawn(async move {
            let question = move |_: &Connection| {
                begun.send(()).unwrap();
                wait.recv().unwrap();
                Ok(())
            };
            busy.ask(question).await.unwrap();
        });
        begin.await.unwrap();
        let waiting: Vec<_> = (0..WAITING).map(|_| Box::pin(store.is_there())).collect();
        let mut waiting = futures_util::future::join_all(waiting);
        assert!(futures_util::poll!(&mut waiting).is_pending());
        assert!(matches!(
            store.is_there().now_or_never(),
            Some(Err(Error::Busy))
        ));
        go.send(()).unwrap();
        first.await.unwrap();
        assert!(waiting.await.iter().all(Result::is_ok));
    }
}
