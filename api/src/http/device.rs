//! Browsers that were signed in from before: device cookies.
//!
//! After a sign-in its browser keeps a sealed cookie that names the account. It lets nobody in; it
//! only gives that browser tries of its own at that account, which others cannot use up.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use tower_cookies::{
    Cookie, Cookies,
    cookie::{SameSite, time},
};

use crate::{
    app::App,
    client::{Account, Client, ClientAddress, DeviceId},
    random,
};

/// The place of the seal; see [`crate::seal`].
const PLACE: &str = "device_cookie";
/// Longer than people stay away, and no longer than browsers keep any cookie (400 days).
const LIFETIME: time::Duration = time::Duration::days(365);

/// The browser behind a call, as far as a handler may know it besides its session.
#[derive(Clone, Debug)]
pub struct Browser {
    /// The address that the call came from.
    pub address: ClientAddress,
    pub(super) cookies: Cookies,
}

impl Browser {
    /// The browser's id, if the account was signed in to from it before.
    fn known_to(&self, app: &App, account: Account) -> Option<DeviceId> {
        let cookie = self.cookies.get(name(app))?;
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(cookie.value()).ok()?;
        let plain = app.master_key.open(PLACE, &sealed).ok()?;
        let (device, of) = plain.split_at_checked(16)?;
        (of == account.0).then_some(())?;
        Some(DeviceId(device.try_into().ok()?))
    }

    /// The origin of an attempt to sign in to an account.
    pub fn client(&self, app: &App, account: Account) -> Client {
        Client {
            address: self.address,
            device: self.known_to(app, account),
        }
    }

    /// Lets the browser keep that the account was signed in to from it.
    pub fn remember(&self, app: &App, account: Account) {
        let device = self.known_to(app, account);
        let DeviceId(device) = device.unwrap_or_else(|| DeviceId(random::bytes()));
        let sealed = app.master_key.seal(PLACE, &[device, account.0].concat());
        let cookie = Cookie::build((name(app), BASE64_URL_SAFE_NO_PAD.encode(sealed)))
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(app.site.is_tls())
            .path("/")
            .max_age(LIFETIME);
        self.cookies.add(cookie.build());
    }
}

fn name(app: &App) -> &'static str {
    app.site.cookie_name("__Host-berth-device", "berth-device")
}
