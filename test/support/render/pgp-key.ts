/** A public key made with gpg for tests; nobody has its secret half. */
export const armoredKey = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawHMrRYJKwYBBAHaRw8BAQdAKgd2RUwzLTYPp0Md+dDWPs/mYD44wiokoBKj
sUMh0+C0HVJvYm90IE9uZSA8cm9ib3RAZXhhbXBsZS5jb20+iJAEExYIADgWIQT2
zKNHcNrswcPBXgDZkvg+UWOF3gUCawHMrQIbAwULCQgHAgYVCgkICwIEFgIDAQIe
AQIXgAAKCRDZkvg+UWOF3vt+AP0TXP06qWHqTB+DfvozSKLmRIqWpZ4pT2b1klmQ
od67AAEAyQywvgzRlFnrZtMQY95oSyCCRytDNiZT5356eaxuPA4=
=bI2O
-----END PGP PUBLIC KEY BLOCK-----
`;
