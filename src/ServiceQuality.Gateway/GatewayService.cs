using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using ServiceQuality.Access;
using ServiceQuality.Clients;
using ServiceQuality.Gateway.Descriptions;
using ServiceQuality.Gateway.FailedMessages;
using ServiceQuality.Gateway.Front;
using ServiceQuality.Gateway.Keys;
using ServiceQuality.Gateway.Limits;
using ServiceQuality.Gateway.Routes;
using ServiceQuality.Gateway.SignIn;
using ServiceQuality.Messaging;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace ServiceQuality.Gateway;

/// <summary>The one way in (PLT-02): recognises who comes, counts, passes on, and answers when a service is away.</summary>
public static class GatewayService
{
    internal const string Name = "gateway";

    /// <summary>Registers the gateway. It is an application of its own, also in a process that holds the services behind it.</summary>
    public static WebApplicationBuilder AddGateway(this WebApplicationBuilder builder)
    {
        builder.AddServiceDatabase(Name);
        builder.AddConsumers(Name, bus => bus.AddConsumer<DropKeyOnApiKeyRevoked>(everyInstance: true));
        foreach (var service in RouteTable.Services)
            builder.AddServiceClient(service);

        builder.AddFront();
        builder.AddSignIn();
        builder.AddApiDescription(Name, "Gateway: sign-in");
        builder.AddSettings<RateLimits>(RateLimits.Section);
        builder.Services.AddValidation();
        builder.Services.AddSingleton<Allowances>();
        builder.Services.AddRequestTimeouts();
        builder.Services.AddHealthChecks().AddCheck<ServiceStates>("services");
        builder.Services.AddSingleton<IForwarderHttpClientFactory, RepeatedReads>();
        builder.Services.AddSingleton<IProxyConfigProvider>(services => Destinations.Read(services.GetRequiredService<IConfiguration>()));
        builder.Services.AddReverseProxy().AddTransforms(Forwarding.Transform);
        return builder;
    }

    /// <summary>Maps sign-in, descriptions and every route of the suite.</summary>
    public static WebApplication MapGateway(this WebApplication app)
    {
        app.UseMiddleware<RateLimiting>();
        app.UseRequestTimeouts();
        app.MapSignIn();
        app.MapFailedMessages();
        app.MapDescriptions();
        foreach (var prefix in RouteTable.Closed)
            app.Map($"{prefix}/{{**rest}}", () => Problems.Of(StatusCodes.Status404NotFound, "unknown-path", "There is nothing at this path.")).AllowAnonymous().ExcludeFromDescription();
        app.MapReverseProxy(proxy =>
        {
            proxy.Use(Forwarding.AnswerFailuresAsync);
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
        });
        return app;
    }

    private static void AddSignIn(this WebApplicationBuilder builder)
    {
        builder.AddKeyRing();
        builder.AddSettings<SignInSettings>(SignInSettings.Section);
        builder.AddSettings<TicketSigning>(TicketSigning.Section);
        // The gateway takes no tickets; the keys that it would check them with are its own.
        builder.Services.AddOptions<TicketVerification>().PostConfigure<IOptions<TicketSigning>>((verification, signing) =>
        {
            using var key = signing.Value.Read();
            verification.VerificationKeys = key.ExportSubjectPublicKeyInfoPem();
        });
        builder.Services.AddSingleton<TicketBooth>().AddSingleton<Accounts>().AddSingleton<Sessions>().AddSingleton<ApiKeys>().AddSingleton<Door>();
        builder.Services.AddHostedService<SessionPurge>();

        // The framework tells every visitor without a sign-in.
        builder.Logging.AddFilter(typeof(FrontDoor).FullName, LogLevel.Warning);
        builder.Services.AddAuthentication(FrontDoor.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, FrontDoor>(FrontDoor.SchemeName, null)
            .AddBearerToken(FrontDoor.BearerScheme)
            .AddCookie(FrontDoor.CookieScheme);
        builder.Services.AddOptions<BearerTokenOptions>(FrontDoor.BearerScheme).Configure<IOptions<SignInSettings>>((options, settings) =>
        {
            options.BearerTokenExpiration = settings.Value.AccessToken;
            options.RefreshTokenExpiration = settings.Value.RefreshToken;
        });
        builder.Services.AddOptions<CookieAuthenticationOptions>(FrontDoor.CookieScheme).Configure<IOptions<SignInSettings>>((options, settings) =>
        {
            options.Cookie.Name = SessionCookie.Name;
            options.Cookie.HttpOnly = true;
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.ExpireTimeSpan = settings.Value.Cookie;
            options.SlidingExpiration = true;
        });
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy(FrontDoor.SignedInPolicy, policy => policy.AddAuthenticationSchemes(FrontDoor.SchemeName).RequireAuthenticatedUser());
    }
}
