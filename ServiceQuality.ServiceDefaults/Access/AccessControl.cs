using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ServiceQuality.Access;

/// <summary>Keys that verify the gateway's tickets.</summary>
public sealed class TicketVerification
{
    /// <summary>Configuration section: <c>Tickets</c>.</summary>
    public const string Section = "Tickets";

    /// <summary>PEM public keys (SubjectPublicKeyInfo), one after the other; two while a key is being rotated.</summary>
    [Required(ErrorMessage = "must hold the PEM public key of the gateway.")]
    public string VerificationKeys { get; set; } = "";
}

/// <summary>Metadata of an endpoint: the permission it asks for. The rights test walks every route and reads it.</summary>
public sealed record PermissionDemand(string Permission);

/// <summary>Deny by default: an endpoint is reached with a ticket and the permission it names, or it says that it is open to anyone.</summary>
public static class AccessControl
{
    private const string SchemeName = "Ticket";

    /// <summary>Ticket authentication, and a fallback policy that denies whoever brings none.</summary>
    public static void AddAccessControl(this IHostApplicationBuilder builder)
    {
        builder.AddSettings<TicketVerification>(TicketVerification.Section);
        builder.Services.AddSingleton<TicketKeys>();
        builder.Services.AddAuthentication(SchemeName).AddScheme<AuthenticationSchemeOptions, TicketHandler>(SchemeName, null);
        builder.Services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder(SchemeName).RequireAssertion(context => context.Resource is HttpContext request && LeadsNowhere(request)).Build());
    }

    /// <summary>An unknown path, a wrong method or a wrong media type is told as such; there is nothing behind it to protect.</summary>
    private static bool LeadsNowhere(HttpContext request) => request.GetEndpoint() is not RouteEndpoint;

    /// <summary>The endpoint asks for a permission, held anywhere; the handler narrows it to the unit at hand.</summary>
    public static TBuilder RequirePermission<TBuilder>(this TBuilder endpoint, string permission) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new PermissionDemand(permission)).RequireAuthorization(new AuthorizationPolicyBuilder(SchemeName)
            .RequireAuthenticatedUser()
            .RequireAssertion(context => context.User.Caller()?.May(permission) == true)
            .Build());

    /// <summary>The caller behind the request; null without a valid ticket.</summary>
    public static Caller? Caller(this ClaimsPrincipal user) => (user.Identity as CallerIdentity)?.Caller;

    /// <summary>The caller behind a request that passed <see cref="RequirePermission"/>.</summary>
    public static Caller Caller(this HttpContext context) => context.User.Caller() ?? throw new InvalidOperationException("The endpoint asks for no permission.");

    private sealed class CallerIdentity(Caller caller) : ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, caller.Subject.ToString()), new Claim(ClaimTypes.Name, caller.Name)], SchemeName)
    {
        public Caller Caller { get; } = caller;
    }

    private sealed class TicketKeys(IOptions<TicketVerification> options)
    {
        public IReadOnlyList<ECDsa> Keys { get; } = [.. Read(options.Value.VerificationKeys)];

        private static IEnumerable<ECDsa> Read(string pems)
        {
            const string end = "-----END PUBLIC KEY-----";
            foreach (var pem in pems.Split(end, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                var key = ECDsa.Create();
                key.ImportFromPem(pem + "\n" + end);
                yield return key;
            }
        }
    }

    private sealed class TicketHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, TicketKeys keys, TimeProvider clock)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers[Ticket.Header].ToString() is not { Length: > 0 } ticket)
                return Task.FromResult(AuthenticateResult.NoResult());

            var caller = Ticket.Verify(ticket, keys.Keys, clock.GetUtcNow());
            return Task.FromResult(caller is null
                ? AuthenticateResult.Fail("The ticket is not valid.")
                : AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new CallerIdentity(caller)), Scheme.Name)));
        }

        protected override async Task HandleChallengeAsync(AuthenticationProperties properties) =>
            await Problems.Of(StatusCodes.Status401Unauthorized, "not-signed-in", "Sign in, or send an API key.").ExecuteAsync(Context);

        protected override async Task HandleForbiddenAsync(AuthenticationProperties properties)
        {
            Logger.LogWarning("Refused: {Subject} asked for {Method} {Path}", Context.User.Caller()?.Subject, Request.Method, Request.Path);
            await Problems.Of(StatusCodes.Status403Forbidden, "not-allowed", "You are not allowed to do this.").ExecuteAsync(Context);
        }
    }
}
