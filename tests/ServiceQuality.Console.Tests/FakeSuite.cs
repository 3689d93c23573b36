using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ServiceQuality.Access;

namespace ServiceQuality.Console.Tests;

/// <summary>The HTTP interfaces that the console reads, over an organisation of 3 regions with 8 branches each. Figures are made up but consistent.</summary>
public sealed partial class FakeSuite
{
    private static readonly string[] NorthNames = ["青砚 Qingyan", "临禾 Linhe", "云桥 Yunqiao", "鹤汀 Heting", "松坪 Songping", "石澜 Shilan", "望渡 Wangdu", "霜林 Shuanglin"];
    private static readonly string[] CentralNames = ["梅屿 Meiyu", "栖原 Qiyuan", "柏川 Baichuan", "竹泠 Zhuling", "麦岭 Mailing", "枫渚 Fengzhu", "苇塘 Weitang", "澄湾 Chengwan"];
    private static readonly string[] SouthNames = ["翠屿 Cuiyu", "榕浦 Rongpu", "珠岬 Zhujia", "橙湖 Chenghu", "沙涌 Shayong", "墨池 Mochi", "蓝坝 Lanba", "烟渡 Yandu"];
    private static readonly double[] North = [92.9, 89.96, 87.2, 86.8, 80.2, 83.4, 75.7, 72.3];
    private static readonly double[] Central = [91.1, 82.9, 85.8, 82.4, 82.3, 77.8, 75.3, 63.4];
    private static readonly double[] South = [88.3, 84.2, 84.5, 84.3, 80.2, 75.3, 55.0, 81.5];

    private static readonly (string Code, string Zh, string En, double Weight)[] Families =
    [
        ("efficiency", "服务效率", "Efficiency", 0.35), ("outcome", "服务结果", "Outcome", 0.25), ("perception", "客户感知", "Perception", 0.25), ("reliability", "可靠性", "Reliability", 0.15),
    ];

    private static readonly (string Code, string Family, string Zh, string En, string Unit, double Share, double[][] Curve)[] Leaves =
    [
        ("hall-wait-p90", "efficiency", "营业厅等待 P90", "Hall wait P90", "s", 0.4, [[300, 100], [600, 85], [900, 65], [1500, 20], [2100, 0]]),
        ("answered-20s", "efficiency", "20 秒接通率", "Answered in 20 s", "share", 0.4, [[0.5, 0], [0.8, 60], [0.9, 85], [0.98, 100]]),
        ("handle-mean", "efficiency", "平均处理时长", "Mean handling time", "s", 0.2, [[180, 100], [480, 85], [900, 40], [1500, 0]]),
        ("resolved-first", "outcome", "一次解决率", "First-contact resolution", "share", 0.6, [[0.4, 0], [0.7, 60], [0.85, 88], [0.95, 100]]),
        ("errors-per-thousand", "outcome", "千笔差错", "Errors per 1,000", "per-thousand", 0.4, [[0, 100], [2, 85], [6, 50], [15, 0]]),
        ("satisfaction", "perception", "满意度", "Satisfaction", "points", 0.7, [[2, 0], [4, 70], [4.5, 88], [5, 100]]),
        ("recommend", "perception", "净推荐值", "Net promoter score", "points", 0.3, [[-50, 0], [20, 60], [60, 100]]),
        ("availability", "reliability", "系统可用率", "System availability", "share", 0.5, [[0.95, 0], [0.99, 60], [0.999, 95], [1, 100]]),
        ("repair-mean", "reliability", "平均修复时间", "Mean time to repair", "h", 0.5, [[1, 100], [4, 80], [12, 30], [24, 0]]),
    ];

    private readonly ConcurrentDictionary<string, double> _scores = new();
    private readonly ConcurrentDictionary<Guid, Channel<string>> _clients = new();
    private readonly List<Place> _places = [];
    private long _seq = 812_406;

    public FakeSuite()
    {
        Add("hq", "远汀服务集团 Yuanting Service Group", "head-office", "hq/", 84.24);
        AddRegion("north", "北区 North", "n", NorthNames, North);
        AddRegion("central", "中区 Central", "c", CentralNames, Central);
        AddRegion("south", "南区 South", "s", SouthNames, South);
    }

    /// <summary>Services that answer 503.</summary>
    public ConcurrentDictionary<string, bool> Away { get; } = new();

    /// <summary>How often each path was asked for.</summary>
    public ConcurrentDictionary<string, int> Asked { get; } = new();

    /// <summary>When the figures are computed.</summary>
    public static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>Sets a score and tells the stream.</summary>
    public void Move(string code, double score)
    {
        _scores[code] = score;
        var place = Find(code)!;
        var data = JsonSerializer.Serialize(new { unit = place.Id, code, score, interval = new { low = score - 1, high = score + 1 }, grade = Grade(score), coverage = 1.0, change24h = 0.1, asOf = Now, seq = ++_seq });
        foreach (var client in _clients.Values)
            client.Writer.TryWrite($"event: score\nid: {_seq}\ndata: {data}\n\n");
    }

    /// <summary>Ends every open stream, as a service that goes away does.</summary>
    public void DropStreams()
    {
        foreach (var client in _clients.Values)
            client.Writer.TryComplete();
    }

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/units", (HttpContext context) => Answer(context, "organisation", () => Units(context))).AllowAnonymous();
        app.MapGet("/api/telemetry/status", (HttpContext context) => Answer(context, "monitoring", () => new { accepted = 18_432, duplicate = 12, rejected = new Dictionary<string, long> { ["unknown-unit"] = 20, ["too-old"] = 3 } })).AllowAnonymous();
        app.MapGet("/api/overview", (HttpContext context) => Answer(context, "scores", () => Overview(context))).AllowAnonymous();
        MapSchemes(app);
        app.MapGet("/api/scores/stream", Stream).AllowAnonymous();
        app.MapGet("/api/scores/{unit}/{part}", (HttpContext context, string unit, string part) => Answer(context, "scores", () => Find(unit) is not { } place || !Sees(context, place) ? null : part switch
        {
            "explanation" => Score(place, context.Request.Query["period"].ToString()),
            "changes" => Changes(place, context.Request.Query["knowledge"] == "now"),
            "history" => History(place, context.Request.Query["step"] == "hour"),
            _ => null,
        })).AllowAnonymous();
    }

    private IResult Answer(HttpContext context, string service, Func<object?> answer)
    {
        Asked.AddOrUpdate(context.Request.Path, 1, (_, times) => times + 1);
        if (Away.ContainsKey(service))
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        return answer() is { } body ? Results.Json(body) : Results.StatusCode(StatusCodes.Status403Forbidden);
    }

    private async Task Stream(HttpContext context)
    {
        if (Away.ContainsKey("scores"))
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        var id = Guid.CreateVersion7(Now);
        var channel = _clients[id] = Channel.CreateUnbounded<string>();
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync(": hello\nretry: 500\n\n");
        await context.Response.Body.FlushAsync();
        try
        {
            await foreach (var text in channel.Reader.ReadAllAsync(context.RequestAborted))
            {
                await context.Response.WriteAsync(text);
                await context.Response.Body.FlushAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The browser left.
        }

        _clients.TryRemove(id, out _);
    }

    private object Units(HttpContext context) => new
    {
        items = _places.Where(place => Sees(context, place)).Select(place => new { id = place.Id, code = place.Code, name = place.Name, kind = place.Kind, contactPoint = place.Kind is "outlet" ? "hall" : null, functions = Array.Empty<string>(), parent = (Guid?)null, path = place.Path, timeZone = "Asia/Shanghai", customersServed = 1000, state = "active", version = 1 }),
        next = (string?)null,
    };

    private object? Overview(HttpContext context)
    {
        var seen = _places.Where(place => Sees(context, place)).ToList();
        return seen.Count == 0 ? null : new
        {
            asOf = Now,
            period = context.Request.Query["period"].ToString(),
            scheme = new { id = "telecom", version = 12 },
            organisation = Row(seen[0]),
            units = seen.Skip(1).Select(Row),
            notScored = Array.Empty<object>(),
            facts = new { lastHour = 18_432, lagP95Seconds = 1.4 },
        };
    }

    private object Row(Place place)
    {
        var score = _scores[place.Code];
        var silent = place.Code.StartsWith("s08", StringComparison.Ordinal);
        var random = new Random(place.Code.Sum(c => c));
        var (change, significant) = Change(place.Code);
        return new
        {
            unit = new { id = place.Id, code = place.Code, name = place.Name, kind = place.Kind, path = place.Path, parent = (Guid?)null },
            score,
            interval = new { low = Math.Max(0, score - 2.4), high = Math.Min(100, score + 1.4) },
            grade = silent ? null : Grade(score),
            coverage = silent ? 0.46 : place.Code is "c06" ? 0.95 : 1.0,
            change24h = silent ? (double?)null : change,
            changeSignificant = significant,
            trend = Enumerable.Range(0, 28).Select(i => silent && i > 24 ? (double?)null : Math.Min(100, score - (27 - i) * change / 20 + random.NextDouble() * 1.5)),
            freshness = new { newest = Now.AddSeconds(silent ? -7440 : -(1 + place.Code.Length)), received = Now.AddSeconds(silent ? -7440 : -(1 + place.Code.Length)), state = silent ? "silent" : place.Code is "n08" ? "late" : "live" },
            families = Families.Select(family => new { code = family.Code, points = FamilyPoints(place.Code, family.Code) }),
            position = 1,
        };
    }

    private static (double Change, bool Significant) Change(string code) => code switch
    {
        "c06" => (-2.8, true),
        "c08" => (-1.6, true),
        "s07" => (-1.2, true),
        "s01" => (1.4, true),
        "c04" => (1.1, true),
        _ => (code.Sum(c => c) % 7 / 10.0 - 0.3, false),
    };

    private double FamilyPoints(string unit, string family)
    {
        var leaves = Leaves.Where(leaf => leaf.Family == family && !IsMissing(unit, leaf.Code)).ToList();
        return leaves.Sum(leaf => leaf.Share * LeafPoints(unit, leaf.Code)) / leaves.Sum(leaf => leaf.Share);
    }

    /// <summary>Points around the score, so that Σ weight × points is the score exactly.</summary>
    private double LeafPoints(string unit, string leaf)
    {
        var score = _scores[unit];
        var spread = Math.Min(12, Math.Min(score, 100 - score));
        var offsets = Leaves.Where(each => !IsMissing(unit, each.Code)).Select(each => (each.Code, Weight: Weight(unit, each.Code), Offset: Math.Sin(unit.Sum(c => c) + each.Code.Sum(c => c)) * spread)).ToList();
        var mean = offsets.Sum(each => each.Weight * each.Offset);
        return score + (offsets.First(each => each.Code == leaf).Offset - mean) * 0.5;
    }

    private static bool IsMissing(string unit, string leaf) => leaf == "recommend" && unit.StartsWith('c');

    private static double Weight(string unit, string leaf)
    {
        var found = Leaves.First(each => each.Code == leaf);
        var siblings = Leaves.Where(each => each.Family == found.Family && !IsMissing(unit, each.Code)).Sum(each => each.Share);
        return Families.First(each => each.Code == found.Family).Weight * found.Share / siblings;
    }

    private object Score(Place place, string period)
    {
        var score = _scores[place.Code];
        return new
        {
            unit = new { id = place.Id, code = place.Code, name = place.Name, kind = place.Kind, path = place.Path },
            period,
            from = Now.AddDays(-7),
            to = Now,
            asOf = Now,
            score,
            interval = new { low = score - 2.4, high = score + 1.4 },
            grade = Grade(score),
            coverage = 0.95,
            scheme = new { id = "telecom", version = 12 },
            position = new { seq = 812_406, received = Now, units = Array.Empty<object>() },
            weighting = "volume",
            scoredUnits = 4,
            notScored = Array.Empty<object>(),
            adjustments = Array.Empty<object>(),
            families = Families.Select(family => new { code = family.Code, name = new { zh = family.Zh, en = family.En }, parent = (string?)null, points = FamilyPoints(place.Code, family.Code), weight = family.Weight, effectiveWeight = family.Weight, contribution = 0, coverage = 1.0 }),
            leaves = Leaves.Select((leaf, i) =>
            {
                var missing = IsMissing(place.Code, leaf.Code);
                var points = missing ? (double?)null : LeafPoints(place.Code, leaf.Code);
                var weight = missing ? 0 : Weight(place.Code, leaf.Code);
                var value = points is { } known ? ValueOf(leaf.Curve, known) : (double?)null;
                return new
                {
                    code = leaf.Code,
                    name = new { zh = leaf.Zh, en = leaf.En },
                    family = leaf.Family,
                    measure = leaf.Code,
                    unit = leaf.Unit,
                    value,
                    interval = value is null ? null : new { low = value * 0.98, high = value * 1.02 },
                    sample = missing ? 3 : 400 + 97 * i,
                    points,
                    pointsInterval = (object?)null,
                    grade = points is { } graded ? GradeCode(graded) : null,
                    weight = leaf.Share,
                    effectiveWeight = weight,
                    contribution = points is { } counted ? weight * (counted - 100) : 0,
                    state = missing ? "no-data" : "scored",
                    reason = missing ? "small-sample" : null,
                    marks = i == 1 ? ["province-not-sampled"] : Array.Empty<string>(),
                    breakpoints = leaf.Curve,
                    target = leaf.Code == "answered-20s" ? 0.8 : leaf.Code == "satisfaction" ? 4.9 : (double?)null,
                    meetsTarget = leaf.Code == "answered-20s" ? true : leaf.Code == "satisfaction" ? false : (bool?)null,
                    worst = i == 2 ? [new { unit = place.Id, seq = 812_002, source = "urn:servicequality:monitoring", id = "V-2", time = Now.AddHours(-3), cost = 0.11, data = new { inspection = "mystery-visit", level = "province", @object = "hall", score = 71.5, criticalFailures = 1 } }] : i < 2 ? (object[])[new { unit = place.Id, seq = 812_000 + i, source = "urn:branch:queue", id = $"T-{i}", time = Now.AddHours(-i - 1), cost = 0.21 - 0.05 * i, data = new { channel = "hall", service = "账单查询", waitSeconds = 2_700 - 400 * i, outcome = "unresolved", errors = 0, rating = 2 } }] : Array.Empty<object>(),
                };
            }),
            fuzzy = FuzzyOf(score),
            index = IndexOf(place),
            freshness = new { newest = Now.AddSeconds(-2), received = Now, state = "live" },
            hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        };
    }

    /// <summary>Yesterday nothing was known yet: only today's knowledge has a score to compare with.</summary>
    private object Changes(Place place, bool withTodaysKnowledge)
    {
        if (!withTodaysKnowledge)
            return new { from = new { score = (double?)null }, to = new { score = _scores[place.Code] }, total = (double?)null, leaves = Array.Empty<object>(), adjustments = 0.0 };

        var (change, _) = Change(place.Code);
        var score = _scores[place.Code];
        double[] shares = [0.4, 0.25, 0.15, 0.1, 0.05, 0.05];
        return new
        {
            from = new { score = score - change, interval = new { low = score - change - 0.3, high = score - change + 0.3 }, grade = Grade(score - change) },
            to = new { score, interval = new { low = score - 0.3, high = score + 0.3 }, grade = Grade(score) },
            total = change,
            leaves = Leaves.Take(shares.Length).Select((leaf, i) => new { code = leaf.Code, pointsEffect = change * shares[i], weightEffect = 0.0, total = change * shares[i], fromValue = ValueOf(leaf.Curve, 80), toValue = ValueOf(leaf.Curve, 78), fromPoints = 80, toPoints = 78 }),
            adjustments = 0.0,
        };
    }

    private object History(Place place, bool hours)
    {
        var score = _scores[place.Code];
        var count = hours ? 24 : 30;
        return new
        {
            points = Enumerable.Range(0, count + 1).Select(i =>
            {
                var at = hours ? Now.AddHours(i - count) : Now.AddDays(i - count);
                var gap = !hours && i is 9 or 10;
                var value = score + (hours ? 2.8 * (count - i) / count : 2 * Math.Sin(i / 4.0)) * (i == count ? 0 : 1);
                return new { at, score = gap ? (double?)null : value, low = gap ? (double?)null : value - 2.4, high = gap ? (double?)null : value + 1.6, coverage = 0.95, grade = GradeCode(value) };
            }),
        };
    }

    private static object Band(string code, double from) => new { code, name = GradeNames[code], from };

    private static readonly Dictionary<string, object> GradeNames = new()
    {
        ["excellent"] = new { zh = "优秀", en = "Excellent" },
        ["good"] = new { zh = "良好", en = "Good" },
        ["fair"] = new { zh = "中等", en = "Fair" },
        ["pass"] = new { zh = "合格", en = "Pass" },
        ["fail"] = new { zh = "不合格", en = "Fail" },
    };

    private static object Grade(double score) => new { code = GradeCode(score), name = GradeNames[GradeCode(score)] };

    private static string GradeCode(double score) => score switch { >= 90 => "excellent", >= 80 => "good", >= 70 => "fair", >= 60 => "pass", _ => "fail" };

    private static double ValueOf(double[][] curve, double points)
    {
        for (var i = 1; i < curve.Length; i++)
        {
            var (a, b) = (curve[i - 1], curve[i]);
            if ((points - a[1]) * (points - b[1]) <= 0 && a[1] != b[1])
                return a[0] + (b[0] - a[0]) * (points - a[1]) / (b[1] - a[1]);
        }

        return curve[0][0];
    }

    private Place? Find(string code) => _places.Find(place => place.Code == code);

    private static bool Sees(HttpContext context, Place place) => context.User.Caller()?.Grants.Any(grant => grant.Covers(place.Path)) == true;

    private void AddRegion(string code, string name, string letter, string[] branches, double[] scores)
    {
        Add(code, name, "region", $"hq/{code}/", scores.Average());
        for (var i = 0; i < branches.Length; i++)
        {
            var branch = $"{letter}{i + 1:00}";
            Add(branch, branches[i], "county-branch", $"hq/{code}/{branch}/", scores[i]);
            Add($"{branch}-hall1", "一号厅 Hall 1", "outlet", $"hq/{code}/{branch}/{branch}-hall1/", Math.Min(99, scores[i] + 2));
            Add($"{branch}-hotline", "热线席 Hotline desk", "hotline", $"hq/{code}/{branch}/{branch}-hotline/", scores[i] - 2);
        }
    }

    private void Add(string code, string name, string kind, string path, double score)
    {
        var (zh, en) = (name[..name.IndexOf(' ', StringComparison.Ordinal)], name[(name.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        _places.Add(new(Guid.CreateVersion7(Now), code, new { zh, en }, kind, path));
        _scores[code] = score;
    }

    private sealed record Place(Guid Id, string Code, object Name, string Kind, string Path);
}
