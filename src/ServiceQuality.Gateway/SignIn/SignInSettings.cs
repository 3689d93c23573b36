using System.ComponentModel.DataAnnotations;

namespace ServiceQuality.Gateway.SignIn;

/// <summary>How long a sign-in is good. Section <c>SignIn</c>.</summary>
internal sealed class SignInSettings
{
    public const string Section = "SignIn";

    /// <summary>Life of an access token.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "01:00:00")]
    public TimeSpan AccessToken { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Life of a refresh token; each refresh gives a new one.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "90.00:00:00")]
    public TimeSpan RefreshToken { get; set; } = TimeSpan.FromDays(14);

    /// <summary>Life of a browser's cookie; goes on while it is used.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan Cookie { get; set; } = TimeSpan.FromHours(12);

    /// <summary>After so long a person signs in again, whatever was renewed meanwhile.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan Longest { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How old the gateway's knowledge of a session and its rights may be.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan CheckedEvery { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>For so long a person or an API key goes on with the rights last known while Organisation or, for a person, the database is away.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan TrustedWhileAway { get; set; } = TimeSpan.FromMinutes(15);
}
