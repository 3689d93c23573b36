using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ServiceQuality.Access;

namespace ServiceQuality.Console.Tests;

/// <summary>Scheme versions: 12 is in force, drafts are written, replaced and decided by two people; trials recompute every branch.</summary>
public sealed partial class FakeSuite
{
    private readonly ConcurrentDictionary<int, Version> _versions = new() { [12] = new(SchemeDocument(), Guid.Empty, "编制人 Author") { Approver = "审批人 Approver" } };

    /// <summary>The stored document of a version.</summary>
    public JsonNode Stored(int version) => _versions[version].Document.DeepClone();

    private void MapSchemes(IEndpointRouteBuilder app)
    {
        MapBuilding(app);
        app.MapGet("/api/schemes", (HttpContext context) => Answer(context, "scores", () => new { items = _versions.Values.Select(Listing) })).AllowAnonymous();
        app.MapGet("/api/schemes/{id}", (HttpContext context, int? version) => Answer(context, "scores", () => _versions[version ?? 12].Document)).AllowAnonymous();
        app.MapGet("/api/schemes/{id}/versions/{version:int}", (HttpContext context, int version) => _versions.TryGetValue(version, out var found) ? Answer(context, "scores", () => Standing(context, found)) : Results.NotFound()).AllowAnonymous();
        app.MapGet("/api/schemes/{id}/versions/{version:int}/try-outs", (HttpContext context, int version) => Answer(context, "scores", () => new { items = _versions[version].TryOuts })).AllowAnonymous();
        app.MapPost("/api/what-if", async (HttpContext context, CancellationToken ct) => await ReadAsync(context, ct) is var body && Errors(body["scheme"]!) is { Count: > 0 } errors ? Results.Json(new { valid = false, errors }, statusCode: 400) : Answer(context, "scores", () => WhatIf(context, body["scheme"]!, body["axis"]?.GetValue<string>()))).AllowAnonymous();
        app.MapPost("/api/schemes", async (HttpContext context, CancellationToken ct) => Write(context, await ReadAsync(context, ct), null)).AllowAnonymous();
        app.MapPut("/api/schemes/{id}/versions/{version:int}", async (HttpContext context, int version, CancellationToken ct) => Write(context, await ReadAsync(context, ct), _versions[version])).AllowAnonymous();
        app.MapPost("/api/schemes/{id}/versions/{version:int}/{verb}", async (HttpContext context, int version, string verb, CancellationToken ct) => Decide(context, _versions[version], verb, verb is "reject" or "try-outs" ? await ReadAsync(context, ct) : null)).AllowAnonymous();
    }

    private static async Task<JsonNode> ReadAsync(HttpContext context, CancellationToken ct) => (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: ct))!;

    private IResult Write(HttpContext context, JsonNode document, Version? former)
    {
        if (Errors(document) is { Count: > 0 } errors)
            return Results.Json(new { valid = false, errors }, statusCode: 400);
        if (former is not null && context.Request.Headers.IfMatch != $"\"{former.Hash}\"")
            return Refused(412, "changed-meanwhile");
        var number = document["version"]!.GetValue<int>();
        if (former is null && number != _versions.Keys.Max() + 1)
            return Refused(409, "scheme-version-not-next");
        _versions[number] = new(document, context.User.Caller()!.Subject, context.User.Caller()!.Name);
        return Results.Json(new { valid = true, errors = Array.Empty<object>() }, statusCode: former is null ? 201 : 200);
    }

    private IResult Decide(HttpContext context, Version version, string verb, JsonNode? body)
    {
        var mine = version.Author == context.User.Caller()!.Subject;
        if (context.Request.Headers.IfMatch != $"\"{version.Hash}\"")
            return Refused(412, "changed-meanwhile");
        if (verb is "approve" or "reject" && mine)
            return Refused(409, "scheme-approver-is-author");
        if (verb is "reject" && body!["reason"]?.GetValue<string>() is not { Length: > 0 })
            return Results.Json(new { type = "urn:service-quality:malformed-request", errors = new { reason = new[] { "needed" } } }, statusCode: 400);
        switch (verb)
        {
            case "approve": version.Approver = context.User.Caller()!.Name; break;
            case "reject": (version.Ended, version.Reason) = ("rejected", body!["reason"]!.GetValue<string>()); break;
            case "withdraw": version.Ended = "withdrawn"; break;
            default:
                version.TryOuts.AddRange(body!["periods"]!.AsArray().Select(period => (object)new { id = Guid.CreateVersion7(), period = period!.GetValue<string>(), made = Now, madeBy = context.User.Caller()!.Name, result = TryOut(context, version.Document, body["knowledge"]?.GetValue<string>()) }));
                return Results.Json(new { items = version.TryOuts });
        }
        return Results.NoContent();
    }

    private JsonNode TryOut(HttpContext context, JsonNode scheme, string? knowledge)
    {
        var now = JsonSerializer.SerializeToNode(WhatIf(context, scheme, null))!;
        if (knowledge != "then")
            return now;
        var then = now.DeepClone();
        (then["knowledge"], then["official"]) = ("then", JsonNode.Parse("""{"units":22,"meanPresent":0,"meanEdited":-0.75,"tau":0.9}"""));
        now["then"] = then;
        return now;
    }

    private static IResult Refused(int status, string code) => Results.Problem(statusCode: status, type: $"urn:service-quality:{code}");

    private object Listing(Version version) => new
    {
        id = "telecom",
        version = version.Number,
        name = new { zh = "电信服务评分方案", en = "Telecom service scheme" },
        effectiveFrom = version.Document["effectiveFrom"]!.GetValue<string>(),
        author = version.AuthorName,
        written = Now.AddHours(-1),
        approver = version.Approver,
        approved = version.Approver is null ? (DateTimeOffset?)null : Now,
        inForce = version.Number == 12,
        hash = version.Hash,
        state = version.Ended ?? (version.Number == 12 ? "effective" : version.Approver is not null ? "approved" : version.TryOuts.Count > 0 ? "tried-out" : "draft"),
        tryOuts = version.TryOuts.Count,
        end = version.Ended is null ? null : new { how = version.Ended, by = "质量总监", at = Now, reason = version.Reason },
    };

    private object Standing(HttpContext context, Version version)
    {
        var (caller, draft) = (context.User.Caller()!, version.Approver is null && version.Ended is null);
        var (manages, mine) = (caller.MayEverywhere(Permissions.ManageSchemes), version.Author == caller.Subject);
        return new
        {
            listing = Listing(version),
            mayChange = manages && draft && mine,
            mayDecide = manages && draft && !mine,
            whyNot = !manages ? "not-allowed" : !draft ? "scheme-already-approved" : mine ? "scheme-approver-is-author" : null,
            deciders = new[] { Roles.HeadOffice },
        };
    }

    private List<object> Errors(JsonNode scheme)
    {
        if (_delivered)
            return Parsed(scheme);
        var errors = new List<object>();
        foreach (var (i, band) in scheme["bands"]!.AsArray().Index().Skip(1))
        {
            if (band!["from"]!.GetValue<double>() >= scheme["bands"]![i - 1]!["from"]!.GetValue<double>())
                errors.Add(new { location = $"/bands/{i}/from", code = "bands-not-descending", message = "Bands go from best to worst." });
        }
        foreach (var (i, family) in scheme["root"]!["children"]!.AsArray().Index())
        {
            if (family!["weight"]!.GetValue<double>() < 0)
                errors.Add(new { location = $"/root/children/{i}/weight", code = "weight-out-of-range", message = "A weight is not negative." });
            foreach (var (k, leaf) in family["children"]!.AsArray().Index())
            {
                var values = Curve(leaf!).Select(point => point[0]).ToList();
                if (!values.SequenceEqual(values.Order()) || values.Distinct().Count() < values.Count)
                    errors.Add(new { location = $"/root/children/{i}/children/{k}/breakpoints", code = "breakpoints-not-monotone", message = "Values rise." });
            }
        }
        return errors;
    }

    private object WhatIf(HttpContext context, JsonNode scheme, string? axis)
    {
        var branches = _places.Where(place => place.Kind is "county-branch" && Sees(context, place)).ToList();
        var rows = branches.Select(place => (Place: place, Before: Total(place.Code, _versions[12].Document), After: Total(place.Code, scheme))).ToList();
        var (before, after) = (rows.Select(row => row.Before).OrderDescending().ToList(), rows.Select(row => row.After).OrderDescending().ToList());
        var bands = scheme["bands"]!.AsArray().Select(band => (Code: band!["code"]!.GetValue<string>(), From: band["from"]!.GetValue<double>())).ToList();
        var units = rows.Select(row => new TrialRow(
            UnitOf(row.Place), row.Before, row.After, row.After - row.Before, Grade(row.Before), GradeOf(row.After), 1, 1,
            before.IndexOf(row.Before) + 1, after.IndexOf(row.After) + 1, before.IndexOf(row.Before) - after.IndexOf(row.After), new { code = Leaves[0].Code, name = new { zh = Leaves[0].Zh, en = Leaves[0].En }, effect = row.After - row.Before })).ToList();
        return new
        {
            present = new { id = "telecom", version = 12 },
            edited = new { id = "telecom", version = scheme["version"]!.GetValue<int>() },
            period = "7d",
            asOf = Now,
            knowledge = "now",
            totals = new
            {
                units = units.Count, compared = units.Count, winners = units.Count(row => row.Change > 1e-9), losers = units.Count(row => row.Change < -1e-9), meanChange = units.Average(row => row.Change), medianChange = 0.0,
                ranked = units.Count, tau = units.Exists(row => row.RankMove != 0) ? 0.9 : 1.0, movedTwo = units.Count(row => Math.Abs(row.RankMove) >= 2), largestMove = units.Max(row => Math.Abs(row.RankMove)), gradeChanges = units.Count(row => row.Moved),
            },
            gradeMoves = units.GroupBy(row => (Code(row.GradeBefore), Code(row.GradeAfter))).Select(move => new { from = move.First().GradeBefore, to = move.First().GradeAfter, units = move.Count() }),
            leaves = units.Exists(row => Math.Abs(row.Change) > 1e-9) ? [new { code = Leaves[0].Code, name = new { zh = Leaves[0].Zh, en = Leaves[0].En }, meanEffect = units.Average(row => row.Change), pointsEffect = 0.0, weightEffect = 0.0, units = units.Count }] : Array.Empty<object>(),
            whole = new { unit = UnitOf(_places[0]), units = units.Count, before = rows.Average(row => row.Before), after = rows.Average(row => row.After), change = rows.Average(row => row.After - row.Before), gradeBefore = Grade(84), gradeAfter = Grade(84) },
            groups = _places.Where(place => place.Kind is "region").Select(region => new { unit = UnitOf(region), units = 8, before = _scores[region.Code], after = _scores[region.Code], change = 0.0, gradeBefore = Grade(84), gradeAfter = Grade(84) }),
            winners = units.Where(row => row.Change > 1e-9).OrderByDescending(row => row.Change).Take(10),
            losers = units.Where(row => row.Change < -1e-9).OrderBy(row => row.Change).Take(10),
            units = units.OrderByDescending(row => Math.Abs(row.RankMove)).Take(24),
            left = Math.Max(0, units.Count - 24),
            notMeasured = NotMeasured(scheme),
            silent = Array.Empty<object>(),
            heldDays = (int?)null,
            axis = axis is null || _delivered ? null : new { indicator = axis, unit = "s", values = branches.Select(place => ValueOf(Leaves.First(leaf => leaf.Code == axis).Curve, KnownPoints(place.Code, axis))).Order() },
        };

        object GradeOf(double score) => new { code = bands.First(band => score >= band.From).Code, name = GradeNames[bands.First(band => score >= band.From).Code] };
    }

    /// <summary>A branch's score under a document: weights and standards over the values behind its points.</summary>
    private double Total(string unit, JsonNode scheme)
    {
        if (_delivered)
            return Counted(unit, scheme);
        double sum = 0, weights = scheme["root"]!["children"]!.AsArray().Sum(Weight);
        foreach (var family in scheme["root"]!["children"]!.AsArray())
        {
            var shares = family!["children"]!.AsArray().Sum(Weight);
            sum += family["children"]!.AsArray().Sum(leaf => Weight(family) / weights * (Weight(leaf) / shares)
                * PointsOf(Curve(leaf!), ValueOf(Leaves.First(one => one.Code == leaf!["code"]!.GetValue<string>()).Curve, KnownPoints(unit, leaf!["code"]!.GetValue<string>()))));
        }
        return Math.Clamp(sum, 0, 100);

        static double Weight(JsonNode? node) => node!["weight"]!.GetValue<double>();
    }

    private double KnownPoints(string unit, string leaf) => IsMissing(unit, leaf) ? _scores[unit] : LeafPoints(unit, leaf);

    private static double[][] Curve(JsonNode leaf) => [.. leaf["breakpoints"]!.AsArray().Select(point => new[] { point![0]!.GetValue<double>(), point[1]!.GetValue<double>() })];

    private static double PointsOf(double[][] curve, double value)
    {
        for (var i = 1; i < curve.Length; i++)
        {
            if (value <= curve[i][0])
                return value <= curve[i - 1][0] ? curve[i - 1][1] : curve[i - 1][1] + ((curve[i][1] - curve[i - 1][1]) * ((value - curve[i - 1][0]) / (curve[i][0] - curve[i - 1][0])));
        }
        return curve[^1][1];
    }

    private static string Code(object grade) => JsonSerializer.SerializeToNode(grade)!["code"]!.GetValue<string>();

    private static object UnitOf(Place place) => new { id = place.Id, code = place.Code, name = place.Name, kind = place.Kind, path = place.Path };

    private static JsonNode SchemeDocument() => JsonNode.Parse(JsonSerializer.Serialize(new
    {
        id = "telecom",
        version = 12,
        name = new { zh = "电信服务评分方案", en = "Telecom service scheme" },
        rationale = new { zh = "上年承诺修订", en = "Last year's promises" },
        effectiveFrom = "2026-01-01",
        author = "编制人 Author",
        approver = "审批人 Approver",
        mainPeriod = "7d",
        rollUp = "volume",
        bands = new[] { Band("excellent", 90), Band("good", 80), Band("fair", 70), Band("pass", 60), Band("fail", 0) },
        measures = Leaves.Select(leaf => new { code = leaf.Code, unit = leaf.Unit, somethingTheEditorDoesNotKnow = new { kept = 0.10000000000000001 } }),
        root = new
        {
            code = "service",
            name = new { zh = "服务", en = "Service" },
            missing = new { policy = "redistribute" },
            children = Families.Select(family => new
            {
                code = family.Code,
                name = new { zh = family.Zh, en = family.En },
                weight = family.Weight,
                missing = new { policy = "redistribute" },
                children = Leaves.Where(leaf => leaf.Family == family.Code).Select(leaf => new { code = leaf.Code, name = new { zh = leaf.Zh, en = leaf.En }, weight = leaf.Share, measure = leaf.Code, minimumSample = 30, breakpoints = leaf.Curve, owner = new { zh = "部门", en = "Department" } }),
            }),
        },
        adjustments = new[] { new { rule = "late-report", kind = "deduction", name = new { zh = "上报逾期", en = "Late report" }, points = 0.5, cap = (double?)3 } },
    }))!;

    private sealed class Version(JsonNode document, Guid author, string authorName)
    {
        public JsonNode Document { get; } = document;

        public Guid Author { get; } = author;

        public string AuthorName { get; } = authorName;

        public string? Approver { get; set; }

        public string? Ended { get; set; }

        public string? Reason { get; set; }

        public List<object> TryOuts { get; } = [];

        public int Number => Document["version"]!.GetValue<int>();

        public string Hash => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(Document)));
    }

    private sealed record TrialRow(object Unit, double Before, double After, double Change, object GradeBefore, object GradeAfter, double CoverageBefore, double CoverageAfter, int RankBefore, int RankAfter, int RankMove, object Leading)
    {
        public bool Moved => Code(GradeBefore) != Code(GradeAfter);
    }
}
