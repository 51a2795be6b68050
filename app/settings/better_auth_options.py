"""The names of all options of Better Auth 1.7.25, for the messages about unsupported ones."""

import re
from typing import Final

# `BetterAuthOptions`, and options of plugins by the name of their function; a star is free keys.
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
username.minUsernameLength username.maxUsernameLength username.usernameValidator
username.displayUsernameValidator username.usernameNormalization
username.displayUsernameNormalization username.validationOrder.username
username.validationOrder.displayUsername username.immutableUsername username.displayUsername
username.schema.user.modelName username.schema.user.fields.username
username.schema.user.fields.displayUsername
oneTimeToken.expiresIn oneTimeToken.disableClientRequest oneTimeToken.generateToken
oneTimeToken.disableSetSessionCookie oneTimeToken.storeToken oneTimeToken.storeToken.*
oneTimeToken.setOttHeaderOnNewSession multiSession.maximumSessions
haveIBeenPwned.customPasswordCompromisedMessage haveIBeenPwned.paths haveIBeenPwned.enabled
lastLoginMethod.cookieName lastLoginMethod.maxAge lastLoginMethod.customResolveMethod
lastLoginMethod.storeInDatabase lastLoginMethod.beforeStoreCookie
lastLoginMethod.schema.user.lastLoginMethod
magicLink.expiresIn magicLink.allowedAttempts magicLink.sendMagicLink magicLink.disableSignUp
magicLink.rateLimit.window magicLink.rateLimit.max magicLink.generateToken magicLink.storeToken
emailOTP.sendVerificationOTP emailOTP.otpLength emailOTP.expiresIn emailOTP.generateOTP
emailOTP.sendVerificationOnSignUp emailOTP.disableSignUp emailOTP.allowedAttempts emailOTP.storeOTP
emailOTP.resendStrategy emailOTP.changeEmail.enabled emailOTP.changeEmail.verifyCurrentEmail
emailOTP.overrideDefaultEmailVerification emailOTP.rateLimit.window emailOTP.rateLimit.max
anonymous.emailDomainName anonymous.onLinkAccount anonymous.disableDeleteAnonymousUser
anonymous.generateName anonymous.generateRandomEmail anonymous.schema.user.modelName
anonymous.schema.user.fields.isAnonymous
admin.defaultRole admin.adminRoles admin.adminUserIds admin.defaultBanReason
admin.defaultBanExpiresIn admin.impersonationSessionDuration admin.bannedUserMessage
admin.allowImpersonatingAdmins admin.ac admin.roles
admin.schema.user.modelName admin.schema.user.fields.*
admin.schema.session.modelName admin.schema.session.fields.*
twoFactor.issuer twoFactor.twoFactorTable twoFactor.skipVerificationOnEnable
twoFactor.allowPasswordless twoFactor.twoFactorCookieMaxAge twoFactor.trustDeviceMaxAge
twoFactor.totpOptions.digits twoFactor.totpOptions.period twoFactor.totpOptions.backupCodes.*
twoFactor.totpOptions.allowPasswordless twoFactor.totpOptions.disable
twoFactor.otpOptions.period twoFactor.otpOptions.digits twoFactor.otpOptions.sendOTP
twoFactor.otpOptions.allowedAttempts twoFactor.otpOptions.storeOTP twoFactor.otpOptions.storeOTP.*
twoFactor.backupCodeOptions.amount twoFactor.backupCodeOptions.length
twoFactor.backupCodeOptions.customBackupCodesGenerate
twoFactor.backupCodeOptions.storeBackupCodes twoFactor.backupCodeOptions.storeBackupCodes.*
twoFactor.backupCodeOptions.allowPasswordless
twoFactor.accountLockout.enabled twoFactor.accountLockout.maxFailedAttempts
twoFactor.accountLockout.durationSeconds
twoFactor.schema.user.modelName twoFactor.schema.user.fields
twoFactor.schema.twoFactor.modelName twoFactor.schema.twoFactor.fields
organization.allowUserToCreateOrganization organization.organizationLimit organization.creatorRole
organization.membershipLimit organization.ac organization.roles
organization.dynamicAccessControl.enabled
organization.dynamicAccessControl.maximumRolesPerOrganization
organization.teams.enabled organization.teams.defaultTeam.enabled
organization.teams.defaultTeam.customCreateDefaultTeam organization.teams.maximumTeams
organization.teams.maximumMembersPerTeam organization.teams.allowRemovingAllTeams
organization.invitationExpiresIn organization.invitationLimit
organization.cancelPendingInvitationsOnReInvite organization.requireEmailVerificationOnInvitation
organization.sendInvitationEmail organization.disableOrganizationDeletion
organization.organizationHooks.* organization.schema.session.fields
organization.schema.organization.modelName organization.schema.organization.fields
organization.schema.organization.additionalFields
organization.schema.member.modelName organization.schema.member.fields
organization.schema.member.additionalFields
organization.schema.invitation.modelName organization.schema.invitation.fields
organization.schema.invitation.additionalFields
organization.schema.team.modelName organization.schema.team.fields
organization.schema.team.additionalFields
organization.schema.teamMember.modelName organization.schema.teamMember.fields
organization.schema.organizationRole.modelName organization.schema.organizationRole.fields
organization.schema.organizationRole.additionalFields
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
