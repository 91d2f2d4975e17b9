using System.Text.Encodings.Web;
using System.Text.Json;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Files;

/// <summary>Writes JSON files: an indented object that starts with the program's name and version.</summary>
internal static class JsonFile
{
    /// <summary>Writes a file atomically.</summary>
    /// <exception cref="GanException">Writing: writing failed.</exception>
    public static void Write(string path, Action<Utf8JsonWriter> content) => AtomicFile.Write(path, stream =>
    {
        var options = new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(stream, options))
        {
            json.WriteStartObject();
            json.WriteString("program", "gan");
            json.WriteString("version", ProgramVersion.Text);
            content(json);
            json.WriteEndObject();
        }
        stream.Write("\n"u8);
    });
}
