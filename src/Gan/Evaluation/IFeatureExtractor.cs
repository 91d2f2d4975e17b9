using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Evaluation;

/// <summary>Turns pictures into the features that metrics compare.</summary>
internal interface IFeatureExtractor : IDisposable
{
    /// <summary>Features of a picture.</summary>
    int Width { get; }

    /// <summary>Extracts the features of pictures, each by itself.</summary>
    PictureFeatures Extract(ImageBytes pictures);
}
