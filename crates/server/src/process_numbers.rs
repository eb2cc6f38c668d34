//! What the process takes of its machine, as numbers for Prometheus: memory, processor, open files. Owns where the system
//! says so (`/proc`, where there is one); what each number means stands in `telemetry::metrics`.

use metrics::{counter, gauge};

/// Hands them to the process's recorder. What the system does not tell stays as it was.
pub(crate) fn publish() {
    gauge!("doorward_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    #[cfg(target_os = "linux")]
    linux::publish();
}

#[cfg(target_os = "linux")]
mod linux {
    use super::{counter, gauge};
    use rustix::param::{clock_ticks_per_second, page_size};
    use rustix::process::{Resource, getrlimit};
    use std::fs;

    pub(super) fn publish() {
        if let Some(bytes) = resident_bytes() {
            gauge!("doorward_process_resident_memory_bytes").set(bytes as f64);
        }
        if let Some(seconds) = cpu_seconds() {
            counter!("doorward_process_cpu_seconds_total").absolute(seconds);
        }
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            // The folder itself is open while it is read.
            gauge!("doorward_process_open_files").set(files.count().saturating_sub(1) as f64);
        }
        // Without a limit there is nothing to come near to.
        if let Some(most) = getrlimit(Resource::Nofile).current {
            gauge!("doorward_process_open_files_limit").set(most as f64);
        }
    }

    /// proc_pid_statm(5): the second field, in pages.
    fn resident_bytes() -> Option<u64> {
        let pages: u64 = fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse().ok()?;
        Some(pages * page_size() as u64)
    }

    /// proc_pid_stat(5): utime and stime, the 14th and 15th field, in ticks. The second, a name, may hold blanks.
    fn cpu_seconds() -> Option<u64> {
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
        let mut ticks = || fields.next()?.parse::<u64>().ok();
        Some((ticks()? + ticks()?) / clock_ticks_per_second())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn this_process_takes_memory_and_time() {
            assert!(resident_bytes().is_some_and(|bytes| bytes > 1 << 20));
            assert!(cpu_seconds().is_some_and(|seconds| seconds < 86_400));
        }
    }
}
