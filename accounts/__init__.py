"""Who people are: the user, sign-up and sign-in, the profile. Imports nothing of ours."""
