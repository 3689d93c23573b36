using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.OpenApi;
using ServiceQuality.Access;

namespace ServiceQuality;

/// <summary>
/// The OpenAPI document of a service at <c>/openapi/{service}.json</c>. Endpoints say where they belong with
/// <c>WithGroupName(service)</c>, so that several services can live in one process.
/// </summary>
public static class ApiDescription
{
    /// <summary>Registers the document of a service, with the two ways to sign in.</summary>
    public static void AddApiDescription(this IHostApplicationBuilder builder, string service, string title) =>
        builder.Services.AddOpenApi(service, options =>
        {
            options.ShouldInclude = endpoint => endpoint.GroupName == service;
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo { Title = title, Version = "1" };
                // The document is read through the gateway; a server list would name addresses that nobody outside can reach.
                document.Servers = [];
                document.Components ??= new OpenApiComponents();
                document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
                {
                    ["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "accessToken of POST /api/sign-in" },
                    ["apiKey"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-Api-Key", Description = "Key of a branch system" },
                };
                return Task.CompletedTask;
            });
            options.AddOperationTransformer((operation, context, _) =>
            {
                if (context.Description.ActionDescriptor.EndpointMetadata.OfType<PermissionDemand>().FirstOrDefault() is not { } demand)
                    return Task.CompletedTask;

                var scheme = demand.Permission == Permissions.PostTelemetry ? "apiKey" : "bearer";
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(scheme, context.Document)] = [] }];
                operation.Description = $"{operation.Description}\n\nPermission: `{demand.Permission}`".Trim();
                return Task.CompletedTask;
            });
        });

    /// <summary>Maps the document of a service, open to anyone.</summary>
    public static void MapApiDescription(this IEndpointRouteBuilder app, string service) =>
        app.MapOpenApi($"/openapi/{{documentName:regex(^{service}$)}}.json").AllowAnonymous();
}
