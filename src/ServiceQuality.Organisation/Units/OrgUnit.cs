using System.Text.Json.Serialization;
using ServiceQuality.Contracts.Organisation;
using ServiceQuality.Organisation.Calendars;
using ServiceQuality.Organisation.Sectors;

namespace ServiceQuality.Organisation.Units;

/// <summary>Where a unit stands in its life.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UnitState>))]
internal enum UnitState
{
    [JsonStringEnumMemberName("planned")] Planned,
    [JsonStringEnumMemberName("active")] Active,
    [JsonStringEnumMemberName("suspended")] Suspended,
    [JsonStringEnumMemberName("closed")] Closed,
}

/// <summary>What can be said about a unit, apart from where it stands.</summary>
internal sealed record UnitFeatures(
    Names Name, string? ContactPoint, IReadOnlyList<string> Functions, string? TimeZone, OpeningCalendar? Calendar, long CustomersServed);

/// <summary>A node of the organisation tree (ORG-01). Rules are here and pure; whoever calls them holds the lock of the tree.</summary>
internal sealed class OrgUnit
{
    private OrgUnit() { } // EF

    public Guid Id { get; private init; }
    public string Code { get; private init; } = "";

    /// <summary>The code without regard to case: two codes that differ only in case are the same.</summary>
    public string CodeKey { get; private init; } = "";

    public string Kind { get; private init; } = "";
    public string NameZh { get; private set; } = "";
    public string NameEn { get; private set; } = "";
    public string? ContactPoint { get; private set; }
    public string[] Functions { get; private set; } = [];
    public Guid? ParentId { get; private set; }

    /// <summary>Codes from the root down to this unit, each followed by a slash.</summary>
    public string Path { get; private set; } = "";

    /// <summary>The unit's own IANA time zone; null when it follows the unit above.</summary>
    public string? OwnTimeZone { get; private set; }

    /// <summary>The time zone that holds.</summary>
    public string TimeZone { get; private set; } = "";

    /// <summary>The unit's own calendar; null when it follows its contact-point type or the unit above.</summary>
    public OpeningCalendar? Calendar { get; private set; }

    public long CustomersServed { get; private set; }
    public UnitState State { get; private set; }

    /// <summary>Rises by one with every change; the ETag.</summary>
    public long Version { get; private set; }

    public DateTimeOffset ChangedAt { get; private set; }

    public Names Name => new(NameZh, NameEn);

    public static string KeyOf(string code) => code.ToLowerInvariant();

    public static OrgUnit Add(Guid id, string code, UnitKind kind, UnitFeatures features, OrgUnit? parent, UnitState state, DateTimeOffset now)
    {
        var unit = new OrgUnit { Id = id, Code = code, CodeKey = KeyOf(code), Kind = kind.Code, State = state };
        unit.Set(features);
        unit.Follow(parent, now);
        return unit;
    }

    public Outcome Change(UnitFeatures features, UnitKind kind, DateTimeOffset now)
    {
        if (State == UnitState.Closed)
            return Closed();
        if (Placement.Features(kind, features, ParentId is null) is { IsRefused: true } refused)
            return refused;

        Set(features);
        Touch(now);
        return Outcome.Done;
    }

    public Outcome MoveUnder(OrgUnit parent, UnitKind kind, DateTimeOffset now)
    {
        if (State == UnitState.Closed)
            return Closed();
        if (ParentId is null)
            return Outcome.Refused("root-unit", "The root of the tree cannot be moved.");
        if (parent.Path.StartsWith(Path, StringComparison.Ordinal))
            return Outcome.Refused("would-be-cycle", $"{parent.Code} stands below {Code}; a unit cannot move under itself.");
        if (Placement.Under(kind, parent.Kind, parent.State, parent.Path, Code) is { IsRefused: true } refused)
            return refused;

        Follow(parent, now);
        return Outcome.Done;
    }

    /// <summary>Takes the path and the time zone that follow from the unit above.</summary>
    public void Follow(OrgUnit? parent, DateTimeOffset now)
    {
        ParentId = parent?.Id;
        Path = $"{parent?.Path}{Code}/";
        TimeZone = OwnTimeZone ?? parent?.TimeZone ?? throw new InvalidOperationException("The root has no time zone.");
        Touch(now);
    }

    /// <summary>Takes the time zone that holds after the own one was set or dropped.</summary>
    public void FollowTimeZone(OrgUnit? parent) => TimeZone = OwnTimeZone ?? parent?.TimeZone ?? TimeZone;

    /// <summary>True when path and time zone are what the unit above makes them.</summary>
    public bool Follows(OrgUnit parent) => Path == $"{parent.Path}{Code}/" && TimeZone == (OwnTimeZone ?? parent.TimeZone);

    public Outcome Activate(OrgUnit? parent, DateTimeOffset now) => State switch
    {
        UnitState.Closed => Closed(),
        UnitState.Active => Outcome.Refused("already-active", $"{Code} is active."),
        _ when parent is { State: UnitState.Planned or UnitState.Closed } => Outcome.Refused("parent-not-active", $"{parent.Code}, the unit above, is not active yet."),
        _ => Become(UnitState.Active, now),
    };

    public Outcome Suspend(DateTimeOffset now) => State switch
    {
        UnitState.Closed => Closed(),
        UnitState.Active => Become(UnitState.Suspended, now),
        _ => Outcome.Refused("not-active", $"{Code} is not active; only an active unit can be suspended."),
    };

    public Outcome Close(bool hasOpenChildren, DateTimeOffset now)
    {
        if (State == UnitState.Closed)
            return Closed();
        if (ParentId is null)
            return Outcome.Refused("root-unit", "The root of the tree cannot be closed.");
        if (hasOpenChildren)
            return Outcome.Refused("children-open", $"Units below {Code} are not closed yet.");
        return Become(UnitState.Closed, now);
    }

    /// <summary>The unit as other services are told about it.</summary>
    public OrgUnitChanged Told() => new(
        Id, Version, Code, NameZh, NameEn, Kind, ContactPoint, ParentId, Path, TimeZone, CustomersServed, State.Word(), ChangedAt);

    private Outcome Closed() => Outcome.Refused("unit-closed", $"{Code} is closed; a closed unit does not change any more.");

    private Outcome Become(UnitState state, DateTimeOffset now)
    {
        State = state;
        Touch(now);
        return Outcome.Done;
    }

    private void Set(UnitFeatures features)
    {
        (NameZh, NameEn) = features.Name;
        ContactPoint = features.ContactPoint;
        Functions = [.. features.Functions.Distinct()];
        OwnTimeZone = features.TimeZone;
        Calendar = features.Calendar;
        CustomersServed = features.CustomersServed;
    }

    private void Touch(DateTimeOffset now)
    {
        Version++;
        ChangedAt = now;
    }
}

/// <summary>States as words of contracts and tables.</summary>
internal static class UnitStates
{
    public static string Word(this UnitState state) => state switch
    {
        UnitState.Planned => "planned",
        UnitState.Active => "active",
        UnitState.Suspended => "suspended",
        UnitState.Closed => "closed",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };

    public static UnitState Of(string word) => word switch
    {
        "planned" => UnitState.Planned,
        "active" => UnitState.Active,
        "suspended" => UnitState.Suspended,
        "closed" => UnitState.Closed,
        _ => throw new ArgumentOutOfRangeException(nameof(word), word, null),
    };
}
