//! Device cookies: marks of browsers that signed in to an account before.
//!
//! After a sign-in, the browser keeps a sealed cookie that names the account. The cookie grants
//! no access. It only gives the browser its own rate limit for that account, which others
//! cannot use up.

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

/// Place name that the seal is bound to; see [`crate::seal`].
const PLACE: &str = "device_cookie";
/// Lifetime of the cookie.
///
/// Longer than people stay away, and below the 400 days that browsers cap any cookie at.
const LIFETIME: time::Duration = time::Duration::days(365);

/// The browser behind a request, apart from its session.
#[derive(Clone, Debug)]
pub struct Browser {
    /// Address that the request came from.
    pub address: ClientAddress,
    pub(super) cookies: Cookies,
}

impl Browser {
    /// Returns the browser's id if it signed in to the account before.
    fn known_to(&self, app: &App, account: Account) -> Option<DeviceId> {
        let cookie = self.cookies.get(name(app))?;
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(cookie.value()).ok()?;
        let plain = app.master_key.open(PLACE, &sealed).ok()?;
        let (device, of) = plain.split_at_checked(16)?;
        (of == account.0).then_some(())?;
        Some(DeviceId(device.try_into().ok()?))
    }

    /// Returns the origin of a sign-in attempt to an account.
    pub fn client(&self, app: &App, account: Account) -> Client {
        Client {
            address: self.address,
            device: self.known_to(app, account),
        }
    }

    /// Sets the device cookie after a sign-in to the account.
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
