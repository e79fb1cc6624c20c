//! The test app's image, made from nothing but the host's own static busybox.

use bollard::{Docker, body_full, query_parameters::CreateImageOptionsBuilder};
use futures::TryStreamExt;

/// Name of the image.
pub(crate) const NAME: &str = "berth/conformance:busybox-4";
/// The same image with volumes of its own.
pub(crate) const WITH_VOLUMES: &str = "berth/conformance:busybox-volumes-1";
/// The same image with another label, so that its digest differs.
pub(crate) const OTHER: &str = "berth/conformance:busybox-other-1";
/// The same image with a health check that fails.
pub(crate) const NEVER_HEALTHY: &str = "berth/conformance:busybox-never-healthy-1";
/// The same image with a health check that fails while there is a file `/ill`.
pub(crate) const MAY_FALL_ILL: &str = "berth/conformance:busybox-may-fall-ill-1";
const BUSYBOX: &str = "/bin/busybox";

/// The test app; see `runner_common::conformance::App`.
const APP: &str = r#"
case "$BERTH_TEST_APP" in
web)
    echo up
    exec /bin/busybox httpd -f -p 8080 -h /www ;;
done)
    echo done ;;
shows)
    /bin/cat /etc/berth/greeting
    exec /bin/busybox sleep 1000000 ;;
keeps)
    /bin/busybox mkdir /data/lock || { echo shared; exit 4; }
    trap '/bin/busybox rmdir /data/lock; exit 0' TERM
    echo kept >> /data/kept
    echo "kept $(/bin/busybox wc -l < /data/kept)"
    /bin/busybox sleep 1000000 &
    wait ;;
ends)
    echo "going down" >&2
    exit 3 ;;
lines)
    i=0
    while [ $i -lt 2000 ]; do echo "line $i"; i=$((i + 1)); done
    exec /bin/busybox sleep 1000000 ;;
*)
    echo up
    exec /bin/busybox sleep 1000000 ;;
esac
"#;

/// Creates the image, if it does not exist.
pub(crate) async fn make(docker: &Docker) {
    import(docker, NAME, &[]).await;
}

/// Creates the image that declares these volumes, if it does not exist.
pub(crate) async fn make_with_volumes(docker: &Docker) {
    import(docker, WITH_VOLUMES, &["VOLUME /data/inner"]).await;
}

/// Creates the image with another label, if it does not exist.
pub(crate) async fn make_other(docker: &Docker) {
    import(docker, OTHER, &["LABEL dev.berth.test=other"]).await;
}

/// Creates an image that nobody else has, with this name.
pub(crate) async fn make_own(docker: &Docker, name: &str) {
    import(docker, name, &[&format!("LABEL dev.berth.test={name}")]).await;
}

/// Creates the images with health checks, if they do not exist.
pub(crate) async fn make_checked(docker: &Docker) {
    let check = "HEALTHCHECK --interval=500ms --timeout=5s --retries=2 CMD ";
    let never = format!("{check}echo no database; exit 1");
    import(docker, NEVER_HEALTHY, &[&never]).await;
    let ill = format!("{check}if [ -e /ill ]; then echo I am ill; exit 1; fi");
    import(docker, MAY_FALL_ILL, &[&ill]).await;
}

async fn import(docker: &Docker, name: &str, also: &[&str]) {
    if docker.inspect_image(name).await.is_ok() {
        return;
    }
    let (repository, tag) = name.rsplit_once(':').expect("it has a tag");
    let starts = r#"ENTRYPOINT ["/bin/busybox", "sh", "/app.sh"]"#;
    let changes = [&[starts], also].concat();
    let options = CreateImageOptionsBuilder::default()
        .from_src("-")
        .repo(repository)
        .tag(tag)
        .changes(changes.into_iter().map(str::to_owned).collect())
        .build();
    docker
        .create_image(Some(options), Some(body_full(files().into())), None)
        .try_collect::<Vec<_>>()
        .await
        .expect("the image is imported");
}

fn files() -> Vec<u8> {
    let busybox = std::fs::read(BUSYBOX).expect("busybox-static is installed");
    let mut archive = tar::Builder::new(Vec::new());
    for (path, mode, content) in [
        ("bin/busybox", 0o755, busybox.as_slice()),
        ("app.sh", 0o644, APP.as_bytes()),
        ("www/index.html", 0o644, b"ok\n"),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(mode);
        archive.append_data(&mut header, path, content).unwrap();
    }
    for program in ["cat", "echo", "false", "sh", "stty", "true", "yes"] {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        archive
            .append_link(&mut header, format!("bin/{program}"), "busybox")
            .unwrap();
    }
    archive.into_inner().unwrap()
}
