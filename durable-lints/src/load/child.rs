//! The programs that are asked about a checkout, `cargo` and `git`: within a time and a size, as what
//! they read there may be a pipe that never ends or a file that is larger than the memory.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Longer than any answer takes offline; what hangs must not hang the check.
const TIME_LIMIT: Duration = Duration::from_secs(60);
/// The answers about the largest repositories have some tens of megabytes.
const OUTPUT_LIMIT: u64 = 1 << 30;

/// Runs a command to its end and gives what it printed.
///
/// # Errors
/// Where it cannot be started, takes longer than a minute or prints more than a gibibyte.
pub fn output(command: &mut Command) -> io::Result<Output> {
    within(TIME_LIMIT, command)
}

fn within(limit: Duration, command: &mut Command) -> io::Result<Output> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (status, stdout, stderr) = thread::scope(|scope| {
        let out = scope.spawn(|| read(out));
        let err = scope.spawn(|| read(err));
        let status = wait(&mut child, limit);
        (status, out.join().unwrap_or_default(), err.join().unwrap_or_default())
    });
    let status = status?;
    if stdout.len() as u64 > OUTPUT_LIMIT {
        return Err(io::Error::other("it printed more than a gibibyte"));
    }
    Ok(Output { status, stdout, stderr })
}

fn read(pipe: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What was read before an error is judged by what follows: a broken answer is refused.
    let _ = pipe.map(|pipe| pipe.take(OUTPUT_LIMIT + 1).read_to_end(&mut bytes));
    bytes
}

fn wait(child: &mut Child, limit: Duration) -> io::Result<ExitStatus> {
    let started = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if started.elapsed() < limit => thread::sleep(pause),
            ended => {
                // It may have ended by itself meanwhile.
                let _ = child.kill();
                let _ = child.wait();
                let seconds = limit.as_secs();
                return Err(ended.err().unwrap_or_else(|| {
                    io::Error::new(io::ErrorKind::TimedOut, format!("it took longer than {seconds} seconds"))
                }));
            }
        }
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_is_ended_and_what_ends_is_heard() {
        let shell = |script: &str| {
            let mut command = Command::new("sh");
            within(Duration::from_secs(2), command.args(["-c", script]).stdin(Stdio::null()))
        };
        let said = shell("echo out; echo err >&2; exit 3").unwrap();
        assert_eq!(
            (&*said.stdout, &*said.stderr, said.status.code()),
            (&b"out\n"[..], &b"err\n"[..], Some(3))
        );
        assert_eq!(shell("exec sleep 60").unwrap_err().kind(), io::ErrorKind::TimedOut);
        // More than a pipe holds.
        assert_eq!(shell("head -c 1000000 /dev/zero").unwrap().stdout.len(), 1_000_000);
    }
}
