using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Net.Http.Headers;

namespace ServiceQuality;

/// <summary>
/// A request that cannot be read is answered with 400 <c>malformed-request</c> that says which field is at fault: <c>errors</c> by the field's name, as
/// for values that break a rule, and <c>pointer</c>, a JSON Pointer into the body; in English, or in Chinese for whoever prefers it.
/// </summary>
internal static partial class MalformedRequests
{
    private const int MatchMilliseconds = 100;

    private sealed record Fault(string En, string Zh);

    private static readonly Fault Missing = new("is missing.", "缺失。");
    private static readonly Fault Unreadable = new("does not have the right form.", "格式不正确。");
    private static readonly Fault NotJson = new("The body is not JSON.", "正文不是 JSON。");

    public static void AddMalformedRequests(this IHostApplicationBuilder builder)
    {
        // Otherwise the framework answers 400 without a word.
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.Configure<JsonOptions>(options =>
            options.SerializerOptions.TypeInfoResolver = (options.SerializerOptions.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(RequireWhatHasNoDefault));
    }

    /// <summary>The problem with the fields at fault.</summary>
    public static ProblemHttpResult ProblemOf(HttpContext context, BadHttpRequestException refused)
    {
        var (pointers, fault) = Read(refused);
        var zh = PrefersChinese(context.Request);
        string Say(Fault what) => zh ? what.Zh : what.En;
        if (pointers.Count == 0)
            return Problems.Of(refused.StatusCode, "malformed-request", fault is null ? refused.Message : Say(fault));

        var names = pointers.Select(pointer => NameOf(pointer)).ToList();
        var detail = string.Join(' ', names.Select(name => $"{name} {Say(fault!)}"));
        return TypedResults.Problem(detail, statusCode: refused.StatusCode, type: Problems.Type("malformed-request"), extensions: new Dictionary<string, object?>
        {
            ["retryable"] = false,
            ["pointer"] = pointers[0],
            ["errors"] = names.ToDictionary(name => name, _ => new[] { Say(fault!) }),
        });
    }

    /// <summary>
    /// A field that may not be null and has no default is required: left out it would silently become null, 0 or false. Fields with a rule of their
    /// own are left to that rule, which names all that are missing at once; what cannot be set is only ever written.
    /// </summary>
    private static void RequireWhatHasNoDefault(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property is { Set: not null, AssociatedParameter: { HasDefaultValue: false, IsNullable: false } }
                && property.AttributeProvider?.IsDefined(typeof(RequiredAttribute), inherit: true) != true)
                property.IsRequired = true;
        }
    }

    private static (IReadOnlyList<string> Pointers, Fault? Fault) Read(BadHttpRequestException refused)
    {
        if (refused.InnerException is JsonException json)
        {
            var place = PointerOf(json.Path ?? "$");
            if (MissingFields().Match(json.Message) is { Success: true } missing)
                return ([.. Quoted().Matches(missing.Groups["names"].Value).Select(name => $"{place}/{name.Groups["name"].Value}")], Missing);
            return place.Length == 0 ? ([], json.InnerException is null ? Unreadable : NotJson) : ([place], Unreadable);
        }

        // A part of the path or the query.
        return Parameter().Match(refused.Message) is { Success: true } parameter
            ? ([$"/{parameter.Groups["name"].Value}"], parameter.Groups["fault"].Value == "Required" ? Missing : Unreadable)
            : ([], null);
    }

    /// <summary><c>$.items[3].name</c> → <c>/items/3/name</c>.</summary>
    private static string PointerOf(string path) => string.Concat(Steps().Matches(path).Select(step => "/" + step.Groups["step"].Value));

    /// <summary><c>/items/3/name</c> → <c>items[3].name</c>, as values that break a rule are named.</summary>
    private static string NameOf(string pointer) => string.Concat(pointer[1..].Split('/').Select((step, index) =>
        step.All(char.IsAsciiDigit) ? $"[{step}]" : index == 0 ? step : $".{step}"));

    private static bool PrefersChinese(HttpRequest request) =>
        request.GetTypedHeaders().AcceptLanguage.OrderByDescending(language => language.Quality ?? 1)
            .Select(language => language.Value.Value ?? "").FirstOrDefault(language => language.StartsWith("zh", StringComparison.OrdinalIgnoreCase) || language.StartsWith("en", StringComparison.OrdinalIgnoreCase))
            ?.StartsWith("zh", StringComparison.OrdinalIgnoreCase) == true;

    [GeneratedRegex(@"missing required properties including: (?<names>('[^']*'(, )?)+)", RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex MissingFields();

    [GeneratedRegex("'(?<name>[^']*)'", RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\.(?<step>[^.\[\]]+)|\[(?<step>\d+)\]|\['(?<step>[^']*)'\]", RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex Steps();

    [GeneratedRegex("^(?<fault>Required|Failed to bind) parameter \"([^\"]* )?(?<name>\\w+)\" (was not provided|from)", RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex Parameter();
}
