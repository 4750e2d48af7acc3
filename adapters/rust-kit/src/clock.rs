//! The clock of a deployment: the time of day of the whole process, which stands still until it is moved.
//!
//! The Rust standard library reads the time of day with `clock_gettime`. On Linux this file defines that function, and
//! the linker prefers a program's own to the C library's. The monotonic clock, timers and sleeping stay real, so servers
//! go on; nothing has to be installed or preloaded. Elsewhere there is no such clock, and `clock` is not declared.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Nanoseconds since 1970; 0 as long as the real time is shown.
static NOW: AtomicI64 = AtomicI64::new(0);
static TICKS: AtomicBool = AtomicBool::new(false);

const MILLISECOND: i64 = 1_000_000;

/// What a deployment with this clock can be declared to have.
pub(crate) const CAPABILITIES: &[&str] = if cfg!(target_os = "linux") { &["clock", "exact-clock"] } else { &[] };

/// Stops the clock at the real time, cut to the millisecond.
///
/// With `ticks` each reading is a nanosecond later than the one before: what tells two writes apart by the time at which
/// they were made cannot do so on a clock that stands still, and no real clock shows one time twice.
pub(crate) fn stop(ticks: bool) {
    TICKS.store(ticks, Ordering::SeqCst);
    NOW.store(now() * MILLISECOND, Ordering::SeqCst);
}

pub(crate) fn advance(milliseconds: i64) {
    NOW.fetch_add(milliseconds * MILLISECOND, Ordering::SeqCst);
}

/// Milliseconds since 1970, as the implementation sees it.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(target_os = "linux")]
mod interposed {
    use super::{NOW, Ordering, TICKS};

    /// Takes the place of the C library's function of this name.
    ///
    /// # Safety
    ///
    /// As there: `time` points to a `timespec` that may be written.
    #[allow(unsafe_code, reason = "the one place where a function of the C library is replaced")]
    #[unsafe(no_mangle)]
    unsafe extern "C" fn clock_gettime(clock: libc::clockid_t, time: *mut libc::timespec) -> libc::c_int {
        let stopped = NOW.load(Ordering::SeqCst);
        if stopped == 0 || !matches!(clock, libc::CLOCK_REALTIME | libc::CLOCK_REALTIME_COARSE) {
            // SAFETY: the kernel's own check of the same arguments.
            return unsafe { libc::syscall(libc::SYS_clock_gettime, clock, time) } as libc::c_int;
        }
        let now = if TICKS.load(Ordering::SeqCst) { NOW.fetch_add(1, Ordering::SeqCst) } else { stopped };
        // SAFETY: the caller's pointer, as the C library would use it.
        unsafe {
            (*time).tv_sec = now / 1_000_000_000;
            (*time).tv_nsec = now % 1_000_000_000;
        }
        0
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// One test, since the clock belongs to the process.
    #[test]
    fn it_stands_still_until_it_is_moved_and_timers_go_on() {
        let real = now();
        stop(false);
        let stopped = SystemTime::now();
        assert!(now() >= real);
        std::thread::sleep(std::time::Duration::from_millis(5));
        assert_eq!(SystemTime::now(), stopped);
        let begun = std::time::Instant::now();
        advance(86_400_000);
        assert_eq!(SystemTime::now(), stopped + std::time::Duration::from_secs(86_400));
        assert!(begun.elapsed().as_secs() < 3600);
        TICKS.store(true, Ordering::SeqCst);
        assert_ne!(SystemTime::now(), SystemTime::now());
    }
}
