using System.ComponentModel.DataAnnotations;

namespace ServiceQuality.Organisation.Accounts;

/// <summary>Rules for passwords and failed sign-ins. Section <c>Organisation:SignIn</c>.</summary>
internal sealed class SignInRules
{
    public const string Section = "Organisation:SignIn";

    /// <summary>Longer than any password that a person types; a bound on the work of hashing.</summary>
    public const int LongestPassword = 128;

    /// <summary>Length counts for more than kinds of characters, so that is what is asked for.</summary>
    [Range(8, LongestPassword)]
    public int ShortestPassword { get; set; } = 12;

    /// <summary>Failed sign-ins in a row after which an account is locked.</summary>
    [Range(3, 100)]
    public int FailuresBeforeLock { get; set; } = 5;

    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan LockedFor { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Rounds of PBKDF2-HMAC-SHA512 for a password's hash; raising it takes effect for each account at its next sign-in.</summary>
    [Range(10_000, 10_000_000)]
    public int HashIterations { get; set; } = 210_000;
}
