using System.Globalization;
using Microsoft.Extensions.Options;
using ServiceQuality.Access;
using ServiceQuality.Console.Figures;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Shell;

/// <summary>Defaults of the pages.</summary>
public sealed class ConsoleDefaults
{
    public const string Section = "Console";

    /// <summary>IANA time zone of pages that cannot ask a unit for its own.</summary>
    public string TimeZone { get; set; } = "Asia/Shanghai";
}

/// <summary>Who reads this page and how: language, light or dark, time zone. Address before cookie before browser.</summary>
public sealed class Reader
{
    private const string LanguageCookie = "sq-lang";
    private const string ThemeCookie = "sq-theme";
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(365);

    private readonly HttpContext _context;
    private readonly TimeZoneInfo _zone;

    public Reader(IHttpContextAccessor accessor, TimeProvider clock, IOptions<ConsoleDefaults> defaults)
    {
        _context = accessor.HttpContext ?? throw new InvalidOperationException("A reader needs a request.");
        _zone = TimeZoneInfo.FindSystemTimeZoneById(defaults.Value.TimeZone);
        Now = clock.GetUtcNow();
        Language = LanguageOf(_context.Request);
        Theme = Choice(_context.Request, "theme", ThemeCookie) switch { "light" => "light", "dark" => "dark", _ => null };
    }

    public Language Language { get; }

    /// <summary>light, dark, or null: as the system of the reader has it.</summary>
    public string? Theme { get; }

    public DateTimeOffset Now { get; }

    public Caller? Caller => _context.User.Caller();

    public HttpRequest Request => _context.Request;

    public string Tag => Language == Language.Chinese ? "zh-CN" : "en";

    public string Say(string key, params ReadOnlySpan<object?> values) => Texts.Say(Language, key, values);

    /// <summary>The text of the key if there is one: names of kinds and codes that a later version of a service may add to.</summary>
    public string Word(string prefix, string code) => Texts.In(Language).GetValueOrDefault($"{prefix}.{code}", code);

    public string Name(LocalName? name, string code) => (name ?? LocalName.Unnamed).In(Language, code);

    public string Name(ScoredUnit unit) => Name(unit.Name, unit.Code);

    public DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, _zone);

    /// <summary>A moment typed into a form, in the zone of the page.</summary>
    public DateTimeOffset? Moment(string? typed)
    {
        if (typed is not { Length: > 0 })
            return null;
        // Years at the ends of the calendar leave no room for zones and for the month before.
        if (DateTime.TryParseExact(typed, ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
            return local.Year is > 1 and < 9999 ? new DateTimeOffset(local, _zone.GetUtcOffset(local)) : null;
        return DateTimeOffset.TryParse(typed, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) && moment.Year is > 1 and < 9999 ? moment : null;
    }

    public string Typed(DateTimeOffset at) => Local(at).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>14:32:07 today, 11月19日 14:32:07 on another day.</summary>
    public string Stamp(DateTimeOffset at) => Local(at).Date == Local(Now).Date ? Figure.ExactClock(Local(at)) : $"{Figure.Date(Local(at), Language)} {Figure.ExactClock(Local(at))}";

    public string DateClock(DateTimeOffset at) => Figure.DateClock(Local(at), Language);

    public string Age(DateTimeOffset since) => Figure.Age(Now - since, Language);

    public string Duration(TimeSpan span) => Figure.Duration(span, Language);

    /// <summary>This page with other values in the query; null drops one. What is empty is left out.</summary>
    public string Here(params ReadOnlySpan<(string Name, string? Value)> changes) => Address(_context.Request.Path, changes);

    public string Address(string path, params ReadOnlySpan<(string Name, string? Value)> changes)
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, value) in _context.Request.Query)
            values[name] = value;
        foreach (var (name, value) in changes)
            values[name] = value;
        var query = string.Join('&', values.Where(pair => pair.Value is { Length: > 0 }).Select(pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value!)}"));
        return query.Length == 0 ? path : $"{path}?{query}";
    }

    /// <summary>A choice made in the address is kept for the next visit.</summary>
    public void Remember()
    {
        Keep("lang", LanguageCookie, value => value is "zh" or "en");
        Keep("theme", ThemeCookie, value => value is "light" or "dark");
    }

    private void Keep(string query, string cookie, Func<string, bool> isKnown)
    {
        if (_context.Request.Query[query].ToString() is { Length: > 0 } value && isKnown(value) && _context.Request.Cookies[cookie] != value)
            _context.Response.Cookies.Append(cookie, value, new CookieOptions { Path = "/", MaxAge = Remembered, SameSite = SameSiteMode.Lax, HttpOnly = true, Secure = _context.Request.IsHttps, IsEssential = true });
    }

    private static string? Choice(HttpRequest request, string query, string cookie) => request.Query[query].ToString() is { Length: > 0 } chosen ? chosen : request.Cookies[cookie];

    private static Language LanguageOf(HttpRequest request)
    {
        switch (Choice(request, "lang", LanguageCookie))
        {
            case "en": return Language.English;
            case "zh": return Language.Chinese;
        }

        var accepted = request.GetTypedHeaders().AcceptLanguage.OrderByDescending(each => each.Quality ?? 1);
        foreach (var each in accepted)
        {
            if (each.Value.StartsWith("zh", StringComparison.OrdinalIgnoreCase))
                return Language.Chinese;
            if (each.Value.StartsWith("en", StringComparison.OrdinalIgnoreCase))
                return Language.English;
        }

        return Language.Chinese;
    }
}
