using System.ComponentModel.DataAnnotations;
using ServiceQuality.Organisation.Units;

namespace ServiceQuality.Organisation.Founding;

/// <summary>
/// The first run of a real installation: founds the organisation and creates its first administrator. Does nothing once an organisation exists,
/// so the settings may stay. Section <c>Organisation:Bootstrap</c>; without a code there is no bootstrap.
/// </summary>
internal sealed class Bootstrap : IValidatableObject
{
    public const string Section = "Organisation:Bootstrap";

    /// <summary>Code of the root unit, for example <c>hq</c>.</summary>
    public string? Code { get; set; }

    public string NameZh { get; set; } = "";
    public string NameEn { get; set; } = "";

    /// <summary>Id of the sector template.</summary>
    public string Template { get; set; } = "telecom";

    /// <summary>IANA time zone of the root.</summary>
    public string TimeZone { get; set; } = "Asia/Shanghai";

    /// <summary>User name of the first administrator.</summary>
    public string Admin { get; set; } = "admin";

    /// <summary>
    /// File with the administrator's password: a mounted secret, or one that does not exist yet. Then a password is drawn and written there,
    /// readable by the owner only. The password itself is never a setting and never logged.
    /// </summary>
    public string? PasswordFile { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Code is null)
            yield break;
        if (Placement.Code(Code) is { IsRefused: true } refused)
            yield return new ValidationResult(refused.Reason, [nameof(Code)]);
        foreach (var (value, name) in new[] { (NameZh, nameof(NameZh)), (NameEn, nameof(NameEn)), (Admin, nameof(Admin)), (PasswordFile, nameof(PasswordFile)) })
            if (string.IsNullOrWhiteSpace(value))
                yield return new ValidationResult("is needed to found the organisation.", [name]);
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone) || !zone.HasIanaId)
            yield return new ValidationResult($"'{TimeZone}' is not an IANA time zone.", [nameof(TimeZone)]);
    }
}
