using System.Globalization;
using Microsoft.Extensions.Options;
using ServiceQuality.Gateway.SignIn;
using Yarp.ReverseProxy.Model;

namespace ServiceQuality.Gateway.Limits;

/// <summary>
/// Counts each request for its key, account or address, and tells how much is left in the fields <c>RateLimit-Policy</c> and <c>RateLimit</c>
/// (draft-ietf-httpapi-ratelimit-headers-10). Files that belong to pages are not counted.
/// </summary>
internal sealed class RateLimiting(RequestDelegate next, Allowances allowances, IOptions<RateLimits> limits)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!IsCounted(context))
        {
            await next(context);
            return;
        }

        var (kind, who) = context.Features.Get<SignedIn>() switch
        {
            { Caller: { IsMachine: true } machine } => (AllowanceKind.Key, machine.Subject.ToString()),
            { Caller: { } person } => (AllowanceKind.Account, person.Subject.ToString()),
            _ => (AllowanceKind.Address, Client.Address(context)),
        };
        var count = 1 + (int)Math.Min((context.Request.ContentLength ?? 0) / limits.Value.BytesPerCount, int.MaxValue - 1);
        var allowance = allowances.Take(kind, who, count);
        Tell(context, kind, limits.Value.Of(kind), allowance);
        if (allowance.Taken)
            await next(context);
        else
            await TooMany(context, allowance, "too-many-requests", "Too many requests; wait as long as Retry-After says.").ExecuteAsync(context);
    }

    /// <summary>The answer to what was not taken.</summary>
    public static IResult TooMany(HttpContext context, Allowance allowance, string code, string detail)
    {
        context.Response.Headers.RetryAfter = Seconds(allowance.NextIn);
        return Problems.Of(StatusCodes.Status429TooManyRequests, code, detail, retryable: true);
    }

    /// <summary>Puts the state of an allowance on the answer.</summary>
    public static void Tell(HttpContext context, AllowanceKind kind, Quota quota, Allowance allowance)
    {
        var name = kind switch { AllowanceKind.Key => "key", AllowanceKind.Account => "account", AllowanceKind.Address => "address", _ => "sign-in" };
        var (policy, left) = (
            string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={quota.Count};w={quota.Seconds}"),
            $"\"{name}\";r={allowance.Left.ToString(CultureInfo.InvariantCulture)};t={Seconds(allowance.FullIn)}");
        context.Response.OnStarting(() =>
        {
            context.Response.Headers["RateLimit-Policy"] = policy;
            context.Response.Headers["RateLimit"] = left;
            return Task.CompletedTask;
        });
    }

    private static bool IsCounted(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<RouteModel>()?.Config.RouteId is { } route and not ("/assets" or "/lib" or "/favicon.ico");

    private static string Seconds(TimeSpan span) => Math.Ceiling(span.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}

/// <summary>Where a request comes from.</summary>
internal static class Client
{
    /// <summary>The address; of IPv6 the network of 64 bits, which is what one household or attacker holds.</summary>
    public static string Address(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } address)
            return "unknown";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.GetAddressBytes() is { Length: 16 } bytes ? Convert.ToHexString(bytes.AsSpan(0, 8)) : address.ToString();
    }
}
