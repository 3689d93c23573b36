using ServiceQuality.Organisation.Calendars;
using ServiceQuality.Organisation.Units;

namespace ServiceQuality.Organisation.Sectors;

/// <summary>What an organisation of one sector is made of (ORG-17). The core knows no sector; all names and rules of placement are here.</summary>
/// <param name="Id">Identifier, the name of the file without its ending.</param>
/// <param name="Version">Rises with every change of the file's content.</param>
/// <param name="Kinds">Kinds of unit; exactly one of them is the root.</param>
/// <param name="ContactPoints">Contact-point types (ORG-02).</param>
/// <param name="Functions">Function tags (ORG-03).</param>
/// <param name="DefaultCalendar">Holds where neither the unit, its contact-point type nor a unit above says otherwise.</param>
internal sealed record SectorTemplate(
    string Id, int Version, Names Name, IReadOnlyList<UnitKind> Kinds, IReadOnlyList<ContactPointType> ContactPoints, IReadOnlyList<FunctionTag> Functions,
    OpeningCalendar DefaultCalendar)
{
    public UnitKind Root => Kinds.Single(kind => kind.Parents.Count == 0);

    /// <summary>The kind of a unit that exists.</summary>
    /// <exception cref="InvalidOperationException">The template has lost the kind since.</exception>
    public UnitKind KindOf(OrgUnit unit) => Kind(unit.Kind) ?? throw new InvalidOperationException($"The sector template '{Id}' no longer has the kind '{unit.Kind}', which {unit.Code} is of.");

    public UnitKind? Kind(string code) => Kinds.FirstOrDefault(kind => kind.Code == code);

    public ContactPointType? ContactPoint(string? code) => ContactPoints.FirstOrDefault(type => type.Code == code);

    /// <summary>Everything that is wrong with the template, each with the place in the file; empty when it can be used.</summary>
    public static IEnumerable<string> Problems(SectorTemplate template)
    {
        foreach (var (missing, place) in new (object?, string)[] { (template.Id, "id"), (template.Name, "name"), (template.Kinds, "kinds"), (template.ContactPoints, "contactPoints"), (template.Functions, "functions"), (template.DefaultCalendar, "defaultCalendar") })
            if (missing is null)
            {
                yield return $"/{place} is missing.";
                yield break;
            }

        foreach (var problem in Twice(template.Kinds.Select(kind => kind.Code), "kinds").Concat(Twice(template.ContactPoints.Select(type => type.Code), "contactPoints")).Concat(Twice(template.Functions.Select(tag => tag.Code), "functions")))
            yield return problem;
        if (template.Kinds.Count(kind => kind.Parents is { Count: 0 }) != 1)
            yield return "/kinds must hold exactly one kind without parents: the root.";

        foreach (var (kind, at) in template.Kinds.Select((kind, index) => (kind, $"/kinds/{index}")))
        {
            if (kind.Name is null)
                yield return $"{at}/name is missing.";
            if (kind.Parents is null)
                yield return $"{at}/parents is missing; an empty list marks the root.";
            foreach (var parent in (kind.Parents ?? []).Where(parent => template.Kinds.All(other => other.Code != parent)))
                yield return $"{at}/parents names the unknown kind '{parent}'.";
            foreach (var type in (kind.ContactPoints ?? []).Where(type => template.ContactPoint(type) is null))
                yield return $"{at}/contactPoints names the unknown contact-point type '{type}'.";
            foreach (var tag in (kind.Functions?.Allowed ?? []).Where(tag => template.Functions.All(other => other.Code != tag)))
                yield return $"{at}/functions/allowed names the unknown function tag '{tag}'.";
            if (!Reaches(template, kind, []))
                yield return $"{at} can never hang below the root.";
        }
        foreach (var (type, index) in template.ContactPoints.Select((type, index) => (type, index)))
        {
            if (type.Name is null)
                yield return $"/contactPoints/{index}/name is missing.";
            if (OpeningCalendar.Problem(type.Calendar) is { } wrong)
                yield return $"/contactPoints/{index}/calendar: {wrong}";
            if (!template.Kinds.Any(kind => kind.ContactPoints?.Contains(type.Code) == true))
                yield return $"/contactPoints/{index}: no kind uses '{type.Code}'.";
        }
        if (OpeningCalendar.Problem(template.DefaultCalendar) is { } calendar)
            yield return $"/defaultCalendar: {calendar}";
    }

    private static IEnumerable<string> Twice(IEnumerable<string> codes, string place) =>
        codes.GroupBy(code => code).Where(same => string.IsNullOrEmpty(same.Key) || same.Count() > 1)
            .Select(same => string.IsNullOrEmpty(same.Key) ? $"/{place} holds an entry without a code." : $"/{place} holds '{same.Key}' twice.");

    private static bool Reaches(SectorTemplate template, UnitKind kind, HashSet<string> seen) =>
        kind.Parents is { Count: 0 } || seen.Add(kind.Code) && (kind.Parents ?? []).Select(template.Kind).OfType<UnitKind>().Any(parent => Reaches(template, parent, seen));
}

/// <summary>A kind of unit and where it may stand.</summary>
/// <param name="Parents">Kinds that it may stand under; none for the root.</param>
/// <param name="ContactPoints">Contact-point types of which a unit of this kind is one; none for units that customers do not meet.</param>
/// <param name="Functions">Function tags that a unit of this kind may carry; null for none.</param>
internal sealed record UnitKind(string Code, Names Name, IReadOnlyList<string> Parents, IReadOnlyList<string>? ContactPoints = null, FunctionRule? Functions = null);

/// <summary>Which function tags a kind may carry, and whether it needs at least one.</summary>
internal sealed record FunctionRule(IReadOnlyList<string> Allowed, bool Needed = false);

/// <summary>A type of contact point (ORG-02) with the calendar that holds for it unless a unit has its own.</summary>
internal sealed record ContactPointType(string Code, Names Name, OpeningCalendar? Calendar = null);

/// <summary>What a department is for (ORG-03).</summary>
internal sealed record FunctionTag(string Code, Names Name);
