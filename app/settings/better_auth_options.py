"""The names of all options of Better Auth 1.7.25, for the messages about unsupported ones."""

import re
from typing import Final

# `BetterAuthOptions` and the options of the jwt, bearer and expo plugins; a star is free keys.
_TEXT: Final = """
appName baseURL basePath secret secrets database.* secondaryStorage socialProviders.* plugins.*
trustedOrigins logger.* telemetry.* disabledPaths experimental.* hooks.* databaseHooks.*
emailVerification.sendVerificationEmail emailVerification.sendOnSignUp
emailVerification.sendOnSignIn emailVerification.autoSignInAfterVerification
emailVerification.expiresIn emailVerification.beforeEmailVerification
emailVerification.afterEmailVerification
emailAndPassword.enabled emailAndPassword.disableSignUp emailAndPassword.requireEmailVerification
emailAndPassword.maxPasswordLength emailAndPassword.minPasswordLength
emailAndPassword.sendResetPassword emailAndPassword.resetPasswordTokenExpiresIn
emailAndPassword.onPasswordReset emailAndPassword.password.hash emailAndPassword.password.verify
emailAndPassword.autoSignIn emailAndPassword.revokeSessionsOnPasswordReset
emailAndPassword.onExistingUserSignUp emailAndPassword.customSyntheticUser
user.modelName user.fields.* user.additionalFields.* user.validateUserInfo
user.changeEmail.enabled user.changeEmail.sendChangeEmailConfirmation
user.changeEmail.updateEmailWithoutVerification
user.deleteUser.enabled user.deleteUser.sendDeleteAccountVerification user.deleteUser.beforeDelete
user.deleteUser.afterDelete user.deleteUser.deleteTokenExpiresIn
session.modelName session.fields.* session.additionalFields.* session.expiresIn session.updateAge
session.disableSessionRefresh session.deferSessionRefresh session.storeSessionInDatabase
session.preserveSessionInDatabase session.cookieCache.maxAge session.cookieCache.enabled
session.cookieCache.strategy session.cookieCache.refreshCache.*
session.cookieCache.refreshCache session.cookieCache.version session.freshAge
account.modelName account.fields.* account.additionalFields.* account.updateAccountOnSignIn
account.accountLinking.enabled account.accountLinking.disableImplicitLinking
account.accountLinking.requireLocalEmailVerified account.accountLinking.trustedProviders
account.accountLinking.allowDifferentEmails account.accountLinking.allowUnlinkingAll
account.accountLinking.updateUserInfoOnLink account.encryptOAuthTokens
account.skipStateCookieCheck account.storeStateStrategy account.storeAccountCookie
verification.modelName verification.fields.* verification.additionalFields.*
verification.disableCleanup verification.storeIdentifier verification.storeIdentifier.*
verification.storeInDatabase
rateLimit.enabled rateLimit.window rateLimit.max rateLimit.customRules rateLimit.storage
rateLimit.customStorage rateLimit.modelName rateLimit.fields.*
advanced.ipAddress.ipAddressHeaders advanced.ipAddress.disableIpTracking
advanced.ipAddress.ipv6Subnet advanced.ipAddress.trustedProxies advanced.useSecureCookies
advanced.disableCSRFCheck advanced.disableOriginCheck advanced.crossSubDomainCookies.enabled
advanced.crossSubDomainCookies.additionalCookies advanced.crossSubDomainCookies.domain
advanced.cookies.* advanced.defaultCookieAttributes advanced.defaultCookieAttributes.*
advanced.cookiePrefix advanced.database.defaultFindManyLimit advanced.database.generateId
advanced.database.joins advanced.database.validateSchema advanced.trustedProxyHeaders
advanced.backgroundTasks.* advanced.skipTrailingSlashes
onAPIError.throw onAPIError.onError onAPIError.errorURL onAPIError.customizeDefaultErrorPage.*
jwt.jwks.remoteUrl jwt.jwks.keyPairConfig.* jwt.jwks.keyPairConfig jwt.jwks.keyPairConfigs
jwt.jwks.disablePrivateKeyEncryption jwt.jwks.rotationInterval jwt.jwks.gracePeriod
jwt.jwks.jwksPath jwt.issuer jwt.audience jwt.expirationTime jwt.definePayload jwt.getSubject
jwt.sign jwt.disableSettingJwtHeader jwt.sessionCookieCache jwt.schema.* jwt.adapter.*
bearer.requireSignature
expo.disableOriginOverride
"""
BETTER_AUTH_OPTIONS: Final = tuple(_TEXT.split())
_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def get_variable(option: str) -> str:
    """Returns the variable of a path: `session.expiresIn` is `BETTER_AUTH_SESSION_EXPIRES_IN`."""
    words = option.replace("OAuth", "Oauth").replace(".", "_")
    return "BETTER_AUTH_" + _WORD.sub("_", words).upper()


def find_option(variable: str) -> str | None:
    """Returns the option of Better Auth that a variable names, supported or not."""
    above = [prefix for prefix in _FREE if f"{variable}_".startswith(prefix)]
    return _PLAIN.get(variable) or _FREE.get(max(above, key=len, default=""))


_PLAIN: Final = {
    get_variable(name): name for name in BETTER_AUTH_OPTIONS if not name.endswith(".*")
}
_FREE: Final = {
    get_variable(name.removesuffix(".*")) + "_": name.removesuffix(".*")
    for name in BETTER_AUTH_OPTIONS
    if name.endswith(".*")
}
