using System.Collections.Frozen;
using ServiceQuality.Contracts.Organisation;

namespace ServiceQuality.Scores.Units;

/// <summary>A unit as Organisation last described it.</summary>
internal sealed record OrgUnit(
    Guid Id, long Version, string Code, string NameZh, string NameEn, string Kind, string? ContactPoint,
    Guid? Parent, string Path, string TimeZone, long CustomersServed, string State)
{
    public static OrgUnit Of(OrgUnitChanged change) => new(
        change.Unit, change.Version, change.Code, change.NameZh, change.NameEn, change.Kind, change.ContactPoint,
        change.Parent, change.Path, change.TimeZone, change.CustomersServed, change.State);
}

/// <summary>The organisation at one moment: never changes, so that a reader sees one tree from start to end.</summary>
internal sealed class UnitTree
{
    private const int MaxDepth = 64;
    private readonly FrozenDictionary<Guid, OrgUnit> _byId;
    private readonly FrozenDictionary<string, OrgUnit> _byCode;
    private readonly ILookup<Guid?, OrgUnit> _byParent;

    public UnitTree(IEnumerable<OrgUnit> units)
    {
        ByPath = [.. units.OrderBy(unit => unit.Path, StringComparer.Ordinal)];
        _byId = ByPath.ToFrozenDictionary(unit => unit.Id);
        _byParent = ByPath.ToLookup(unit => unit.Parent);
        // Between two messages a code may stand at two units: the one that is not closed has it.
        _byCode = ByPath.OrderBy(unit => unit.State == "closed").DistinctBy(unit => unit.Code, StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(unit => unit.Code, StringComparer.OrdinalIgnoreCase);
    }

    public static UnitTree Empty { get; } = new([]);

    /// <summary>Every unit, parents before children.</summary>
    public IReadOnlyList<OrgUnit> ByPath { get; }

    public OrgUnit? Root => ByPath.FirstOrDefault(unit => unit.Parent is null);

    /// <summary>Today, as the organisation counts its days.</summary>
    public DateOnly Today(DateTimeOffset now) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, Root is { } root ? Zones.Of(root.TimeZone) : TimeZoneInfo.Utc).DateTime);

    /// <summary>Time zone of a unit; null while the unit is unknown.</summary>
    public TimeZoneInfo? ZoneOf(Guid id) => Find(id) is { } unit ? Zones.Of(unit.TimeZone) : null;

    public OrgUnit? Find(Guid id) => _byId.GetValueOrDefault(id);

    /// <summary>By id or by code, as it stands in an address.</summary>
    public OrgUnit? Find(string idOrCode) => Guid.TryParse(idOrCode, out var id) ? Find(id) : _byCode.GetValueOrDefault(idOrCode);

    /// <summary>The units right below a unit.</summary>
    public IEnumerable<OrgUnit> Children(OrgUnit unit) => _byParent[unit.Id];

    /// <summary>The unit and everything under it, parents before children.</summary>
    public IEnumerable<OrgUnit> Subtree(string path)
    {
        for (var i = FirstAtOrAfter(path); i < ByPath.Count && ByPath[i].Path.StartsWith(path, StringComparison.Ordinal); i++)
            yield return ByPath[i];
    }

    /// <summary>The unit and everything above it, upwards.</summary>
    public IEnumerable<OrgUnit> Ancestry(OrgUnit unit)
    {
        // Between two messages of a move the tree may hold a circle.
        var depth = 0;
        for (OrgUnit? one = unit; one is not null && depth < MaxDepth; one = one.Parent is { } parent ? Find(parent) : null, depth++)
            yield return one;
    }

    private int FirstAtOrAfter(string path)
    {
        var (low, high) = (0, ByPath.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (string.CompareOrdinal(ByPath[middle].Path, path) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
