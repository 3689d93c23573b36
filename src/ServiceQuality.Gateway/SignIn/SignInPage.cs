namespace ServiceQuality.Gateway.SignIn;

/// <summary>The address of the sign-in page, which the console renders.</summary>
internal static class SignInPage
{
    public const string Path = "/sign-in";

    public static string Address(string returnUrl, string? error = null) =>
        Path + QueryString.Create(new Dictionary<string, string?> { ["error"] = error, ["returnUrl"] = Local(returnUrl) }.Where(pair => pair.Value is not null and not "/"));

    /// <summary>The address when it stays on this site, else the first page.</summary>
    public static string Local(string? address) =>
        address is ['/', .. var rest] && !rest.StartsWith('/') && !rest.StartsWith('\\') && !address.Any(char.IsControl) && !address.StartsWith(Path, StringComparison.OrdinalIgnoreCase) ? address : "/";
}
