using System.ComponentModel.DataAnnotations;
using ServiceQuality.Organisation.Calendars;

namespace ServiceQuality.Organisation.Units;

/// <summary>A unit as the API shows it; <c>calendar</c> is the unit's own, null when it follows another.</summary>
internal sealed record UnitView(
    Guid Id, string Code, Names Name, string Kind, string? ContactPoint, IReadOnlyList<string> Functions, Guid? Parent, string Path,
    string TimeZone, string? OwnTimeZone, long CustomersServed, UnitState State, long Version, DateTimeOffset ChangedAt, OpeningCalendar? Calendar)
{
    public static UnitView Of(OrgUnit unit) => new(
        unit.Id, unit.Code, unit.Name, unit.Kind, unit.ContactPoint, unit.Functions, unit.ParentId, unit.Path,
        unit.TimeZone, unit.OwnTimeZone, unit.CustomersServed, unit.State, unit.Version, unit.ChangedAt, unit.Calendar);
}

/// <summary>What a unit is told to be, apart from code, kind and place.</summary>
internal record UnitDescription
{
    public required Names Name { get; init; }
    public string? ContactPoint { get; init; }

    [MaxLength(20)]
    public IReadOnlyList<string>? Functions { get; init; }

    /// <summary>IANA time zone; null to follow the unit above.</summary>
    [MaxLength(64)]
    public string? TimeZone { get; init; }

    /// <summary>Null to follow the contact-point type or the unit above.</summary>
    public OpeningCalendar? Calendar { get; init; }

    public long CustomersServed { get; init; }

    public UnitFeatures Features() => new(Name, ContactPoint, Functions ?? [], TimeZone, Calendar, CustomersServed);
}

/// <summary>A unit to be added under another.</summary>
internal sealed record NewUnit : UnitDescription
{
    [MaxLength(Placement.LongestCode)]
    public required string Code { get; init; }

    [MaxLength(40)]
    public required string Kind { get; init; }

    /// <summary>Id or code of the unit above.</summary>
    [MaxLength(Placement.LongestCode)]
    public required string Parent { get; init; }

    /// <summary>planned, or active at once.</summary>
    public UnitState State { get; init; } = UnitState.Planned;
}

/// <summary>Units to be added together: all of them or none.</summary>
internal sealed record UnitImport
{
    public const int Most = 5_000;

    [MinLength(1), MaxLength(Most)]
    public required IReadOnlyList<NewUnit> Units { get; init; }
}

/// <summary>Where a unit is to stand.</summary>
internal sealed record NewPlace([property: Required, MaxLength(Placement.LongestCode)] string Parent);

/// <summary>When a unit is open within a stretch of time.</summary>
internal sealed record OpeningView(bool IsOpen, double OpenSeconds, IReadOnlyList<OpenInterval> Intervals);

internal sealed record OpenInterval(DateTimeOffset From, DateTimeOffset To);
