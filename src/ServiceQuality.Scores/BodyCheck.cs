using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ServiceQuality.Scores;

/// <summary>Checks the data annotations of a request body; the answer names every field at fault.</summary>
internal static class BodyCheck
{
    /// <summary>Null when the body is in order.</summary>
    public static ProblemHttpResult? Refusal(object body)
    {
        var found = new List<ValidationResult>();
        if (Validator.TryValidateObject(body, new ValidationContext(body), found, validateAllProperties: true))
            return null;

        var errors = found.SelectMany(result => result.MemberNames.Select(member => (Field: JsonNamingPolicy.CamelCase.ConvertName(member), result.ErrorMessage)))
            .GroupBy(error => error.Field).ToDictionary(field => field.Key, field => field.Select(error => error.ErrorMessage ?? "is malformed.").ToArray());
        return TypedResults.Problem(string.Join(' ', errors.Values.SelectMany(messages => messages)), statusCode: StatusCodes.Status400BadRequest, type: Problems.Type("malformed-request"),
            extensions: new Dictionary<string, object?> { ["retryable"] = false, ["errors"] = errors });
    }
}
