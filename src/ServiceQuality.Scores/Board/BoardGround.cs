using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Board;

/// <summary>What all rows of a board stand on: when any of it changes, everything is read again.</summary>
/// <param name="Tree">The units.</param>
/// <param name="Catalogue">Hash of what the ledgers measure.</param>
/// <param name="Scheme">The scheme in force.</param>
/// <param name="Hour">Beginning of the hour; the past is counted in steps back from it.</param>
internal sealed record BoardGround(UnitTree Tree, string Catalogue, Scheme Scheme, DateTimeOffset Hour)
{
    /// <summary>The units directly below each.</summary>
    public ILookup<Guid, OrgUnit> Children { get; } = Tree.ByPath.Where(unit => unit.Parent is not null).ToLookup(unit => unit.Parent!.Value);

    /// <summary>The time zones of the units.</summary>
    public IReadOnlyList<TimeZoneInfo> Zones { get; } = [.. Tree.ByPath.Select(unit => unit.TimeZone).Distinct().Select(Units.Zones.Of)];

    /// <summary>The ground as it is now: the one known, as long as nothing has changed.</summary>
    public static BoardGround Now(BoardGround? known, UnitTree tree, SchemeBook schemes, DateTimeOffset now)
    {
        var scheme = schemes.InForce(tree.Today(now));
        var hour = (tree.Root is { } root ? Units.Zones.Of(root.TimeZone) : TimeZoneInfo.Utc).HourAt(now);
        var catalogue = schemes.Active.Hash;
        return known is not null && ReferenceEquals(tree, known.Tree) && catalogue == known.Catalogue && scheme.Reference == known.Scheme.Reference && hour == known.Hour
            ? known
            : new(tree, catalogue, scheme, hour);
    }
}
