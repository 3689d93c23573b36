namespace ServiceQuality.Monitoring.Telemetry;

/// <summary>Why one item was not accepted. The codes are part of the interface and never change their meaning.</summary>
/// <param name="Code">The reason.</param>
/// <param name="Pointer">JSON Pointer to the offending field within the item; attributes as in the structured form.</param>
/// <param name="Retryable">True when the very same item may be accepted later.</param>
internal sealed record Refusal(string Code, string Pointer, bool Retryable = false)
{
    public static readonly Refusal NotAnObject = new("malformed", "");
    public static readonly Refusal BadText = new("malformed", "");
    public static readonly Refusal SpecVersion = new("bad-specversion", "/specversion");
    public static readonly Refusal UnknownType = new("unknown-type", "/type");
    public static readonly Refusal DomainType = new("domain-type", "/type");
    public static readonly Refusal UnknownUnit = new("unknown-unit", "/subject");
    public static readonly Refusal ForeignUnit = new("foreign-unit", "/subject");
    public static readonly Refusal ClosedUnit = new("closed-unit", "/subject");
    public static readonly Refusal PlannedUnit = new("planned-unit", "/subject", Retryable: true);
    public static readonly Refusal AdjustmentNotAllowed = new("adjustment-not-allowed", "/type");
    public static readonly Refusal InFuture = new("time-in-future", "/time", Retryable: true);
    public static readonly Refusal TooOld = new("older-than-horizon", "/time");
    public static readonly Refusal Duplicate = new("duplicate", "/id");
    public static readonly Refusal Conflict = new("conflict", "/id");

    public static Refusal Missing(string attribute) => new("missing-attribute", "/" + attribute);

    public static Refusal Malformed(string pointer) => new("malformed", pointer);

    public static Refusal TooLong(string pointer) => new("too-long", pointer);
}
